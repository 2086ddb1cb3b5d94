import { spawn } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

// A stand-in for the docker client: same arguments and exit codes, and "containers" that are processes of this machine.
// Its first argument is the folder with its state; each call is written to the file `calls`.
const [, , stateDir = "", verb = "", ...args] = process.argv;

interface Fake {
  readonly name: string;
  readonly labels: readonly string[];
  readonly pid: number;
  readonly finishedAt?: string;
}

const file = (name: string) => join(stateDir, "containers", name);
const all = () =>
  readdirSync(join(stateDir, "containers")).map((name): Fake => JSON.parse(readFileSync(file(name), "utf8")));

function end(name: string): void {
  if (!existsSync(file(name))) return;
  const { pid, finishedAt } = JSON.parse(readFileSync(file(name), "utf8")) as Fake;
  if (finishedAt !== undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // it has ended already
  }
}

/** Whole or not at all: others read at the same time. */
function save(container: Omit<Fake, "pid"> & { readonly pid: number | undefined }): void {
  const draft = join(stateDir, `draft-${process.pid}`);
  writeFileSync(draft, JSON.stringify(container));
  renameSync(draft, file(container.name));
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
  const container = { name, labels: options["--label"] ?? [], pid: child.pid };
  save(container);
  child.on("exit", (code, signal) => {
    const finishedAt = new Date().toISOString();
    if (existsSync(file(name))) save({ ...container, finishedAt });
    process.exit(signal ? 137 : (code ?? 1));
  });
}

mkdirSync(join(stateDir, "containers"), { recursive: true });
appendFileSync(join(stateDir, "calls"), `${JSON.stringify([verb, ...args])}\n`);
switch (verb) {
  case "ps": {
    const label = args[args.indexOf("--filter") + 1]?.replace(/^label=/, "") ?? "";
    const isOver = args.includes("status=exited");
    for (const { name, labels, finishedAt } of all()) {
      const fits = labels.some((one) => one === label || one.startsWith(`${label}=`));
      if (fits && (!isOver || finishedAt !== undefined)) process.stdout.write(`${name}\n`);
    }
    break;
  }
  case "inspect":
    for (const name of args.slice(2)) {
      const { labels, finishedAt } = JSON.parse(readFileSync(file(name), "utf8")) as Fake;
      const after = labels.find((one) => one.startsWith("stigmer.removeAfterMs="))?.split("=")[1];
      process.stdout.write(`${name} ${after} ${JSON.stringify(finishedAt)}\n`);
    }
    break;
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
