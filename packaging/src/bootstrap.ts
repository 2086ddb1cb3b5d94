import { createRequire, enableCompileCache } from "node:module";
import { basename, join } from "node:path";
import { VERSION } from "./build-constants.ts";
import { chooseRole } from "./choose-role.ts";
import { loadEmbedded } from "./embedded.ts";
import { type Installation, locateInstallation } from "./installation.ts";
import { extractionFailed } from "./messages.ts";
import { isInstalled, type PayloadEntry } from "./quick-look.ts";
import { MAIN_EXECUTABLE, ROLES, type Role } from "./roles.ts";
import { countSpawnDepth } from "./spawn-depth.ts";

declare const __STIGMER_PAYLOAD__: readonly PayloadEntry[];

const EXIT_USAGE = 2;
const EXIT_FAILURE = 1;
/** sysexits' EX_IOERR: the executable could not unpack itself. */
const EXIT_EXTRACTION = 74;

start(process.argv.slice(2));

/** Decides what this process is and hands over. Node compiles this file on every start, so it stays within 8 KB. */
function start(args: readonly string[]): void {
  if (args.length === 1 && (args[0] === "--version" || args[0] === "-V")) {
    process.stdout.write(`${VERSION}\n`);
    return;
  }
  const tooDeep = countSpawnDepth(process.env);
  if (tooDeep !== undefined) {
    fail(tooDeep, EXIT_FAILURE);
    return;
  }
  const choice = chooseRole(basename(process.execPath), args);
  if (choice.kind === "unknown") {
    const known = ROLES.map((role) => role.name).join(", ");
    fail(`Error: Unknown role "${choice.name}"\n\nRoles of this executable: ${known}\n`, EXIT_USAGE);
    return;
  }
  run(choice.role, choice.args);
}

function run(role: Role, args: readonly string[]): void {
  if (process.env.STIGMER_DEV_MODE === "true") {
    runInMemory(role, args);
    return;
  }
  const installation = locateInstallation(role, process.env);
  if (isInstalled(installation, __STIGMER_PAYLOAD__) || install(installation)) runInstalled(installation, args);
}

/** Hands over to the role's bundle without extracting anything; the executable stands for the file that it has not. */
function runInMemory(role: Role, args: readonly string[]): void {
  process.argv = [process.execPath, process.execPath, ...args];
  loadEmbedded(role.bundle, process.execPath);
}

/** Hands over to the role's bundle. Its children start from the version folder, whatever file a person has started. */
function runInstalled({ home, folder, role }: Installation, args: readonly string[]): void {
  const bundle = join(folder, role.bundle);
  enableCompileCache(join(home, "cache/v8"));
  process.execPath = join(folder, MAIN_EXECUTABLE);
  process.argv = [process.execPath, bundle, ...args];
  createRequire(bundle)(bundle);
}

/** Writes the files of this version; false after it said why it cannot. */
function install(installation: Installation): boolean {
  try {
    const extraction = loadEmbedded("extract.cjs", process.execPath);
    const refusal = (extraction as typeof import("./extract.ts")).install(installation);
    if (refusal !== undefined) fail(refusal, EXIT_FAILURE);
    return refusal === undefined;
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    fail(extractionFailed({ cause, home: installation.home, executable: process.execPath }), EXIT_EXTRACTION);
    return false;
  }
}

function fail(message: string, exitCode: number): void {
  process.stderr.write(message);
  process.exitCode = exitCode;
}
