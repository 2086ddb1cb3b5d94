import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { COMPONENTS, type ComponentName } from "./machine.ts";

/** Files with this start's runner tokens; they are worth nothing after the next start. */
export interface RunnerTokens {
  /** For the server: one `component token` per line. */
  readonly serverFile: string;
  /** For each runner: its token alone. */
  fileOf(component: ComponentName): string;
  remove(): void;
}

/** Makes new tokens of 32 random bytes and writes them, readable by the owner only. */
export function writeRunnerTokens(runFolder: string): RunnerTokens {
  const folder = join(runFolder, "tokens");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const fileOf = (component: ComponentName) => join(folder, component);
  const runners = COMPONENTS.filter((name) => name !== "server");
  const lines = runners.map((component) => {
    const token = randomBytes(32).toString("hex");
    writeFileSync(fileOf(component), token, { mode: 0o600, flag: "wx" });
    return `${component} ${token}\n`;
  });
  const serverFile = join(folder, "runners");
  writeFileSync(serverFile, lines.join(""), { mode: 0o600, flag: "wx" });
  return { serverFile, fileOf, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
