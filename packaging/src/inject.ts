import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What goes into one executable: the main script and named assets, both as files. */
export interface InjectParams {
  readonly base: string;
  readonly bootstrap: Buffer;
  readonly assets: Readonly<Record<string, string>>;
  readonly workFolder: string;
}

/**
 * Lets Node write a single executable and returns its path inside the work folder.
 *
 * No code cache and no snapshot: the main script is so small that they bring nothing, and both tie the file to the machine
 * that built it. `execArgvExtension: cli` ignores the user's NODE_OPTIONS. The main script is named without its folder,
 * because Node keeps that name inside the executable.
 */
export function injectPayload({ base, bootstrap, assets, workFolder }: InjectParams): string {
  mkdirSync(workFolder, { recursive: true });
  const main = "bootstrap.cjs";
  const output = join(workFolder, "stigmer");
  const config = join(workFolder, "sea.json");
  writeFileSync(join(workFolder, main), bootstrap);
  rmSync(output, { force: true });
  writeFileSync(
    config,
    JSON.stringify({
      main,
      output,
      executable: base,
      assets,
      disableExperimentalSEAWarning: true,
      execArgvExtension: "cli",
      useCodeCache: false,
      useSnapshot: false,
    }),
  );
  const built = spawnSync(process.execPath, ["--build-sea", config], { cwd: workFolder, encoding: "utf8" });
  if (built.status !== 0) throw new Error(`Cannot write the executable: ${built.stderr}${built.stdout}`);
  chmodSync(output, 0o755);
  return output;
}
