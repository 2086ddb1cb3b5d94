import { join } from "node:path";
import { spawnGuarded } from "./guarded-process.ts";
import { roleCommand } from "./role-command.ts";

// A runner for guarded-process.test.ts: starts a command that prints its pid and sleeps.
const folder = process.argv[2] ?? ".";
const running = spawnGuarded({
  command: "sh",
  args: ["-c", "echo $$ $PPID; exec sleep 120"],
  cwd: folder,
  homeDir: folder,
  guard: roleCommand("guard"),
  recordPath: join(folder, "record.json"),
});
running.stdout.pipe(process.stdout);
