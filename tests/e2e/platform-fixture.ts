import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { builtExecutable } from "./executable-fixture.ts";

/** Root of the repository: examples are named from here. */
export const ROOT = resolve(import.meta.dirname, "../..");

/** How a command ended. */
export interface CommandEnd {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command as it is called: words, standard input, more environment. */
export interface CommandParams {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  /** The root of the repository when absent. */
  readonly cwd?: string;
  /** Another executable than the one under test, such as a further version. */
  readonly executable?: string;
}

/** A home of its own, with everything that the executable does in it. */
export interface TestHome {
  readonly home: string;
  /** Runs one command to its end. */
  run(args: readonly string[], params?: CommandParams): Promise<CommandEnd>;
  /** Runs a command that must succeed and gives its output as data. */
  json(args: readonly string[], params?: CommandParams): Promise<unknown>;
  /** Runs a command that must end with exit code 0 and gives what it wrote to standard output. */
  text(args: readonly string[], params?: CommandParams): Promise<string>;
  /** Runs a line of shell in which `stigmer` is the executable. */
  shell(line: string, params?: CommandParams): Promise<CommandEnd>;
  /** Starts a command and goes on. */
  start(
    args: readonly string[],
    params?: CommandParams,
  ): { readonly child: ChildProcess; readonly ended: Promise<CommandEnd> };
  /** What the supervisor says of a component. */
  pidOf(component: string): number;
  /** Stops the platform and removes the home. */
  remove(): Promise<void>;
}

/** A temporary home; nothing runs in it yet. */
export function createTestHome(): TestHome {
  const home = mkdtempSync(join(tmpdir(), "stigmer-"));
  const commands = join(home, "commands");
  const spawnIn = (file: string, args: readonly string[], params: CommandParams) => {
    const PATH = `${commands}:${process.env.PATH ?? ""}`;
    const env = { PATH, HOME: home, LANG: "C.UTF-8", STIGMER_HOME: home, ...params.env };
    const child = spawn(file, args, { cwd: params.cwd ?? ROOT, env, stdio: ["pipe", "pipe", "pipe"] });
    child.stdin.on("error", () => {}); // a command that takes no input may be gone before it is written
    child.stdin.end(params.input ?? "");
    return { child, ended: collect(child, args, params.timeoutMs ?? 60_000) };
  };
  const start: TestHome["start"] = (args, params = {}) => spawnIn(params.executable ?? builtExecutable(), args, params);
  const run: TestHome["run"] = (args, params) => start(args, params).ended;
  const text: TestHome["text"] = async (args, params) => {
    const { status, stdout, stderr } = await run(args, params);
    if (status !== 0) throw new Error(`stigmer ${args.join(" ")} ended with ${status}\n${stdout}${stderr}`);
    return stdout;
  };
  return {
    home,
    start,
    run,
    text,
    json: async (args, params) => JSON.parse(await text(args, params)),
    shell(line, params = {}) {
      mkdirSync(commands, { recursive: true });
      if (!existsSync(join(commands, "stigmer"))) symlinkSync(builtExecutable(), join(commands, "stigmer"));
      return spawnIn("sh", ["-c", line], params).ended;
    },
    pidOf(component) {
      const state: unknown = JSON.parse(readFileSync(join(home, "run/state.json"), "utf8"));
      const pid = memberAt(state, ["components", component, "process", "pid"]);
      if (typeof pid !== "number") throw new Error(`Cannot find the process of ${component}: ${JSON.stringify(state)}`);
      return pid;
    },
    async remove() {
      const down = existsSync(join(home, "run")) ? await run(["down", "--now"]) : undefined;
      for (const folder of [home, scratchOf(home)]) rmSync(folder, { recursive: true, force: true });
      if (down !== undefined && down.status !== 0) throw new Error(`Cannot stop the platform: ${down.stderr}`);
    },
  };
}

/** A platform that runs on a free port in a home of its own. */
export async function startTestPlatform(): Promise<TestHome> {
  const home = createTestHome();
  const { status, stdout, stderr } = await home.run(["up", "--port", "0"]);
  if (status === 0) return home;
  await home.remove();
  throw new Error(`Cannot start the platform: exit code ${status}\n${stdout}${stderr}`);
}

/** A program of an example or a test that says its address as `{"address": …}` in its first line. */
export interface TestService {
  readonly address: string;
  stop(): Promise<void>;
}

/** Starts a Node program on a free port. */
export function startService(file: string): Promise<TestService> {
  const child = spawn(process.execPath, [join(ROOT, file)], { stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`${file} ended with ${code}`)));
    createInterface({ input: child.stdout }).once("line", (line) => {
      const address = memberAt(JSON.parse(line), ["address"]);
      const stop = () =>
        new Promise<void>((stopped) => {
          child.once("exit", () => stopped());
          child.kill("SIGTERM");
        });
      resolve({ address: String(address), stop });
    });
  });
}

/** A folder that looks like the root of the repository, so that commands leave their files in it and not there. */
export function createScratchRoot(home: TestHome): string {
  const folder = scratchOf(home.home); // beside the home: no agent may work in it
  mkdirSync(folder);
  const names = readdirSync(ROOT).filter((name) => !name.startsWith(".") && name !== "node_modules");
  for (const name of names) symlinkSync(join(ROOT, name), join(folder, name));
  return folder;
}

function scratchOf(home: string): string {
  return `${home}-scratch`;
}

/** The member at a path of names; undefined where the path ends early. */
export function memberAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (found, name) => (typeof found === "object" && found !== null ? Reflect.get(found, name) : undefined),
    value,
  );
}

function collect(child: ChildProcess, args: readonly string[], timeoutMs: number): Promise<CommandEnd> {
  const output = { stdout: "", stderr: "" };
  child.stdout?.on("data", (chunk) => {
    output.stdout += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    output.stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`stigmer ${args.join(" ")} ran longer than ${timeoutMs} ms\n${output.stdout}${output.stderr}`));
    }, timeoutMs);
    child.once("error", reject);
    child.once("close", (status) => {
      clearTimeout(late);
      resolve({ status, ...output });
    });
  });
}
