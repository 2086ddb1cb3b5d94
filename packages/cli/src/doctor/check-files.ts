import { createRequire } from "node:module";
import { IS_PACKAGED } from "@stigmer/lifecycle";
import type { Check } from "./check.ts";

/** What `verify.cjs` beside the running bundle says; the packaging writes it. */
interface Verifier {
  verifyInstallation(): {
    readonly folder: string;
    readonly checkedFiles: number;
    readonly damaged: readonly { readonly path: string; readonly state: string }[];
  };
}

/** Reads every extracted file and compares it with what the executable holds. */
export function checkFiles(): Check {
  const name = "files";
  if (!IS_PACKAGED) return { name, result: "ok", detail: "runs from source, nothing is unpacked" };
  const verifier: Verifier = createRequire(process.argv[1] ?? "")("./verify.cjs");
  const { folder, checkedFiles, damaged } = verifier.verifyInstallation();
  if (damaged.length === 0) return { name, result: "ok", detail: `${checkedFiles} files are whole` };
  return {
    name,
    result: "failed",
    detail: `damaged: ${damaged.map(({ path, state }) => `${path} (${state})`).join(", ")}`,
    next: `stigmer down; rm -r '${folder}'; stigmer up`,
  };
}
