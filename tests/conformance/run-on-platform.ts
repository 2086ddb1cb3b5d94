import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestHome } from "../e2e/platform-fixture.ts";
import type { RunDocument } from "./run-document.ts";

/** Runs documents with `stigmer run --json` on a platform that is up; origins are rewritten in the document's text. */
export function runOnPlatform(platform: TestHome): RunDocument {
  return async ({ definition, input, rewrite }) => {
    const folder = mkdtempSync(join(tmpdir(), "conformance-"));
    try {
      const file = join(folder, "workflow.yaml");
      writeFileSync(
        file,
        rewrite.reduce((text, { from, to }) => text.replaceAll(from, to), definition),
      );
      const given = input === undefined ? [] : ["--input", JSON.stringify(input)];
      const args = ["run", "-f", file, ...given, "--json"];
      const { status, stdout, stderr } = await platform.run(args);
      if (stdout === "")
        throw new Error(`stigmer ${args.join(" ")} ended with ${status} and printed nothing: ${stderr}`);
      return JSON.parse(stdout);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}
