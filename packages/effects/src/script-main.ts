import { closeSync, readFileSync } from "node:fs";
import type { ScriptOrder } from "./process/script-order.ts";

/** Name under which a script knows itself, in `process.argv[1]` and in stack traces. */
const SCRIPT_NAME = "script.mjs";

/**
 * Role `script`: runs a JavaScript task as an ES module. The order stands behind file descriptor 3. A module made of
 * a `data:` URL can import Node's own modules and nothing of ours.
 */
function main(): void {
  const order = JSON.parse(readFileSync(3, "utf8")) as ScriptOrder;
  closeSync(3);
  process.argv = [process.execPath, SCRIPT_NAME, ...order.args];
  process.title = "script";
  // The executable counts on the way here how deep it starts itself; a script sees nothing of ours.
  for (const name of Object.keys(process.env)) if (name.startsWith("STIGMER_")) delete process.env[name];
  for (const [name, value] of Object.entries(order.variables)) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: true });
  }
  const url = `data:text/javascript;base64,${Buffer.from(order.code).toString("base64")}`;
  const report = (error: unknown) => {
    process.exitCode = 1;
    process.stderr.write(`${describe(error).replaceAll(url, SCRIPT_NAME)}\n`, () => process.exit(1));
  };
  process.on("uncaughtException", report);
  import(url).catch(report);
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return `Uncaught ${String(error)}`;
  return error.stack ?? `${error.name}: ${error.message}`;
}

main();
