import { relative } from "node:path";
import { buildExecutable } from "./build-executable.ts";
import { readBuildOptions } from "./build-options.ts";

const startedAt = performance.now();
try {
  const built = await buildExecutable(readBuildOptions(process.argv.slice(2), process.env));
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const [executable, payload] = [built.executableBytes, built.payloadBytes].map((bytes) => (bytes / 1e6).toFixed(1));
  console.log(
    `${relative(process.cwd(), built.output)} ${built.id}: ${executable} MB (payload ${payload} MB unpacked, ` +
      `bootstrap ${built.bootstrapBytes} bytes) in ${seconds} s`,
  );
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
