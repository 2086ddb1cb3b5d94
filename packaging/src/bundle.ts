import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { ROLE_ENTRIES } from "@stigmer/lifecycle";
import { build } from "esbuild";
import type { BuildOptions } from "./build-options.ts";

/** Stands for the build digest until everything that it covers is known; exactly as long as the digest. */
export const BUILD_PLACEHOLDER = "@build-here@";

/** One file that the executable carries, before compression. */
export interface BuiltFile {
  readonly path: string;
  readonly mode: number;
  readonly content: Buffer;
}

/** The bundles of all roles, and the absolute paths of the files that went into them. */
export interface RoleBundles {
  readonly files: readonly BuiltFile[];
  readonly inputs: readonly string[];
}

/** Bundles every role, and the worker threads of roles, into one CommonJS file each. */
export async function bundleRoles(options: BuildOptions): Promise<RoleBundles> {
  const parts = Object.entries(ROLE_ENTRIES).map(([name, entry]) => ({ entry, path: `lib/${name}.cjs` }));
  const missing = parts.filter((part) => !existsSync(join(options.sources, part.entry)));
  if (missing.length > 0) {
    throw new Error(`Cannot build the executable: no ${missing.map((part) => part.entry).join(", ")}`);
  }
  const bundles = await Promise.all(parts.map((part) => bundleFile(join(options.sources, part.entry), options)));
  return {
    files: parts.map(({ path }, index) => ({ path, mode: 0o600, content: bundles[index]?.content ?? Buffer.alloc(0) })),
    inputs: bundles.flatMap((bundle) => bundle.inputs),
  };
}

/** Bundles a file of the packaging step itself; `define` adds build constants to the two that all bundles get. */
export async function bundleOwn(
  name: string,
  options: BuildOptions,
  define: Readonly<Record<string, string>> = {},
): Promise<Buffer> {
  const entry = join(options.root, "packaging/src", name);
  return (await bundleFile(entry, options, { define, shortNames: true })).content;
}

interface Bundle {
  readonly content: Buffer;
  readonly inputs: readonly string[];
}

interface BundleSettings {
  readonly define: Readonly<Record<string, string>>;
  /** Shortens identifiers too: smaller, but stack traces lose their words. */
  readonly shortNames: boolean;
}

async function bundleFile(
  entry: string,
  options: BuildOptions,
  settings: BundleSettings = { define: {}, shortNames: false },
): Promise<Bundle> {
  const result = await build({
    entryPoints: [entry],
    absWorkingDir: options.root,
    nodePaths: [join(options.root, "node_modules")],
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    target: "node26",
    format: "cjs",
    minifySyntax: true,
    minifyWhitespace: true,
    minifyIdentifiers: settings.shortNames,
    legalComments: "none",
    logLevel: "warning",
    banner: settings.shortNames ? {} : { js: 'const __bundle_url=require("node:url").pathToFileURL(__filename).href;' },
    define: {
      "import.meta.url": "__bundle_url",
      "import.meta.filename": "__filename",
      "import.meta.dirname": "__dirname",
      __STIGMER_VERSION__: JSON.stringify(options.version),
      __STIGMER_BUILD__: JSON.stringify(`${options.version}+${BUILD_PLACEHOLDER}`),
      ...settings.define,
    },
  });
  const [output] = result.outputFiles;
  if (output === undefined) throw new Error(`Cannot bundle ${entry}: no output`);
  const inputs = Object.keys(result.metafile.inputs).map((path) => resolve(options.root, path));
  return { content: Buffer.from(output.contents), inputs };
}
