import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");

/** How a run of the executable ended. */
export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to start the executable; the environment holds nothing but PATH and what is named here. */
export interface RunParams {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
}

/**
 * The built executable: `dist/stigmer`, or the file that STIGMER_TEST_EXECUTABLE names.
 *
 * @throws {Error} when it was not built
 */
export function builtExecutable(): string {
  const file = resolve(root, process.env.STIGMER_TEST_EXECUTABLE ?? "dist/stigmer");
  if (!existsSync(file)) throw new Error(`Cannot test the executable: ${file} is missing. Run make build`);
  return file;
}

/** A temporary folder that other users may enter; the caller removes it. */
export function createTestFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "stigmer-e2e-"));
  chmodSync(folder, 0o755);
  return folder;
}

/** Runs the executable to its end, at most half a minute. */
export function runExecutable(file: string, { args = [], env = {}, uid }: RunParams = {}): Run {
  const { status, stdout, stderr } = spawnSync(file, args, {
    encoding: "utf8",
    timeout: 30_000,
    env: { PATH: process.env.PATH ?? "", ...env },
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  return { status, stdout, stderr };
}

/** Starts the executable and goes on; `ended` resolves when it is gone. */
export function startExecutable(file: string, params: RunParams): { child: ChildProcess; ended: Promise<Run> } {
  const child = spawn(file, params.args ?? [], { env: { PATH: process.env.PATH ?? "", ...params.env } });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => (stdout += chunk));
  child.stderr.on("data", (chunk) => (stderr += chunk));
  const ended = new Promise<Run>((done, fail) => {
    child.on("error", fail);
    child.on("close", (status) => done({ status, stdout, stderr }));
  });
  return { child, ended };
}

/** A second name for an executable, in a folder of its own; a link where that is possible. */
export function placeCopy(file: string, target: string): string {
  mkdirSync(dirname(target), { recursive: true, mode: 0o755 });
  try {
    linkSync(file, target);
  } catch {
    copyFileSync(file, target);
  }
  return target;
}

/** A copy of the executable with one byte flipped inside the compressed content of an asset. */
export function placeDamagedCopy(file: string, target: string, asset: string): string {
  const bytes = readFileSync(file);
  const magic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
  for (let at = bytes.indexOf(asset); at >= 0; at = bytes.indexOf(asset, at + 1)) {
    const frame = bytes.indexOf(magic, at);
    if (frame - at > asset.length + 16 || frame < 0) continue;
    bytes.writeUInt8(bytes.readUInt8(frame + 40) ^ 1, frame + 40);
    writeFileSync(target, bytes, { mode: 0o755 });
    return target;
  }
  throw new Error(`Cannot damage ${asset}: it is not in ${file}`);
}

const STAND_IN = `
import { createRequire } from "node:module";
import { fork } from "node:child_process";
const [command] = process.argv.slice(2);
if (command === "verify" || command === "repair") {
  const files = createRequire(process.argv[1])("./verify.cjs");
  console.log(JSON.stringify(command === "verify" ? files.verifyInstallation() : files.repairInstallation()));
} else if (command === "hold") {
  console.log("holding");
  process.stdin.resume();
} else if (command === "fork") {
  fork("fork").on("exit", (code) => (process.exitCode = code));
} else {
  console.log(JSON.stringify({
    role: ROLE, args: process.argv.slice(2), bundle: process.argv[1], executable: process.execPath,
    variables: Object.keys(process.env).sort(),
  }));
}
`;

const STAND_IN_ROLES: Readonly<Record<string, string>> = {
  cli: "packages/cli/src/main.ts",
  supervisor: "packages/cli/src/supervisor-main.ts",
  server: "packages/server/src/main.ts",
  writer: "packages/server/src/writer-main.ts",
  "workflow-runner": "packages/workflow-runner/src/main.ts",
  "agent-runner": "packages/agent-runner/src/main.ts",
  guard: "packages/lifecycle/src/guard-main.ts",
  script: "packages/effects/src/script-main.ts",
};

/** Builds an executable whose roles only say what they are; the way it unpacks and starts them is the real one. */
export function buildStandIn(folder: string, version: string): Promise<string> {
  const sources = join(folder, `sources-${version}`);
  const output = join(folder, version, "stigmer");
  for (const [role, entry] of Object.entries(STAND_IN_ROLES)) {
    const file = join(sources, entry);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `const ROLE = ${JSON.stringify(role)};\n${STAND_IN}`);
  }
  const args = [join(root, "packaging/src/build.ts"), "--sources", sources, "--version", version, "--output", output];
  const build = startExecutable(process.execPath, { args });
  return build.ended.then(({ status, stderr }) => {
    rmSync(sources, { recursive: true });
    if (status !== 0) throw new Error(`Cannot build the stand-in: ${stderr}`);
    return output;
  });
}
