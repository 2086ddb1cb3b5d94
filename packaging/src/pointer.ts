import { lstatSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { syncFolder } from "./durable-file.ts";
import { pointedVersion } from "./installation.ts";

/** Points `bin` at a version with one atomic rename. Called under the extraction lock. */
export function swapPointer(home: string, versionId: string): void {
  if (pointedVersion(home) === versionId) return;
  const staged = join(home, `.bin-${process.pid}`);
  rmSync(staged, { force: true });
  symlinkSync(join("versions", versionId), staged);
  moveFolderAside(home);
  renameSync(staged, join(home, "bin"));
  syncFolder(home);
}

/** Points `bin` at a version where there is no pointer yet: a component started by hand changes no version. */
export function createPointer(home: string, versionId: string): void {
  if (pointedVersion(home) === undefined) swapPointer(home, versionId);
}

/** A real folder of that name is somebody's: it gets another name, nothing of it is lost. */
function moveFolderAside(home: string): void {
  const bin = join(home, "bin");
  const found = lstatSync(bin, { throwIfNoEntry: false });
  if (found !== undefined && !found.isSymbolicLink()) renameSync(bin, join(home, `bin.before-${Date.now()}`));
}
