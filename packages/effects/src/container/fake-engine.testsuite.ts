import { spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

// A stand-in for the docker client: same arguments and exit codes, and "containers" that are processes of this machine.
// Its first argument is the folder with its state; each call is written to the file `calls`.
const [, , stateDir = "", verb = "", ...args] = process.argv;

interface Fake {
  readonly name: string;
  readonly labels: readonly string[];
  readonly pid: number;
}

const file = (name: string) => join(stateDir, "containers", name);
const all = () =>
  readdirSync(join(stateDir, "containers")).map((name): Fake => JSON.parse(readFileSync(file(name), "utf8")));

function end(name: string): void {
  if (!existsSync(file(name))) return;
  const { pid } = JSON.parse(readFileSync(file(name), "utf8")) as Fake;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // it has ended already
  }
}

function refuse(message: string): never {
  process.stderr.write(`docker: Error response from daemon: ${message}\n`);
  process.exit(125);
}

/** Options with a value, and the rest from the first word that is none. */
function readRun() {
  const options: Record<string, string[]> = {};
  let at = 0;
  for (; args[at]?.startsWith("--"); at++) {
    const name = args[at] ?? "";
    if (name === "--interactive") continue;
    options[name] = [...(options[name] ?? []), args[++at] ?? ""];
  }
  return { options, image: args[at] ?? "", rest: args.slice(at + 1) };
}

function run(): void {
  const { options, image, rest } = readRun();
  const name = options["--name"]?.[0] ?? "";
  if (existsSync(file(name))) refuse(`Conflict. The container name "/${name}" is already in use`);
  if (image === "missing") refuse(`pull access denied for ${image}`);
  const env = Object.fromEntries(
    (options["--env"] ?? []).map((one) => {
      const [key = "", ...value] = one.split("=");
      return [key, value.length === 0 ? process.env[key] : value.join("=")];
    }),
  );
  const script = options["--entrypoint"] ? rest : ["-c", 'echo "args: $*"', "sh", ...rest];
  const child = spawn("/bin/sh", script, { env: { PATH: process.env.PATH, ...env }, detached: true, stdio: "inherit" });
  writeFileSync(file(name), JSON.stringify({ name, labels: options["--label"] ?? [], pid: child.pid }));
  child.on("exit", (code, signal) => process.exit(signal ? 137 : (code ?? 1)));
}

mkdirSync(join(stateDir, "containers"), { recursive: true });
appendFileSync(join(stateDir, "calls"), `${JSON.stringify([verb, ...args])}\n`);
switch (verb) {
  case "ps": {
    const label = args[args.indexOf("--filter") + 1]?.replace(/^label=/, "") ?? "";
    for (const { name, labels } of all()) if (labels.includes(label)) process.stdout.write(`${name}\n`);
    break;
  }
  case "rm":
    for (const name of args.filter((one) => one !== "--force")) {
      end(name);
      rmSync(file(name), { force: true });
    }
    break;
  case "kill":
    for (const name of args) end(name);
    break;
  case "run":
    run();
    break;
  default:
    refuse(`unknown command ${verb}`);
}
