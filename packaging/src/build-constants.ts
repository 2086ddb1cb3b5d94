declare const __STIGMER_VERSION__: string;
declare const __STIGMER_BUILD__: string;

/** Version of this executable, for people. */
export const VERSION: string = __STIGMER_VERSION__;

/** Identity of this executable: version and digest of everything inside. Names its version folder. */
export const VERSION_ID: string = __STIGMER_BUILD__;
