import { runCli } from "./run-cli.ts";

void runCli({ argv: process.argv.slice(2), env: process.env }).then((exitCode) => {
  process.exitCode = exitCode;
});
