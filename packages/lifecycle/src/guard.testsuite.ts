import { readFileSync } from "node:fs";
import { join } from "node:path";
import { spawnGuarded } from "./guarded-process.ts";
import { roleCommand } from "./role-command.ts";

// A runner for guarded-process.test.ts: starts a command that prints its pid and its guard's, and sleeps. The pids are
// passed on when the record names them.
const folder = process.argv[2] ?? ".";
const recordPath = join(folder, "record.json");
const running = spawnGuarded({
  command: "sh",
  args: ["-c", "echo $$ $PPID; exec sleep 120"],
  cwd: folder,
  homeDir: folder,
  guard: roleCommand("guard"),
  recordPath,
});
running.stdout.once("data", (line: Buffer) => {
  const timer = setInterval(() => {
    if (!readFileSync(recordPath, "utf8").includes("leader")) return;
    clearInterval(timer);
    process.stdout.write(line);
  }, 5);
});
