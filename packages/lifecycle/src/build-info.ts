declare const __STIGMER_VERSION__: string | undefined;
declare const __STIGMER_BUILD__: string | undefined;

/** Semantic version of this build; `0.1.0-dev` when run from source. */
export const VERSION = typeof __STIGMER_VERSION__ === "string" ? __STIGMER_VERSION__ : "0.1.0-dev";

/** `<version>+<payload digest>` of the single executable; `<version>+source` when run from source. */
export const BUILD_ID = typeof __STIGMER_BUILD__ === "string" ? __STIGMER_BUILD__ : `${VERSION}+source`;

/** True inside the single executable, false when run from source. */
export const IS_PACKAGED = typeof __STIGMER_BUILD__ === "string";

/** Client and server with equal majors understand each other. */
export const API_MAJOR = 1;
