import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { HomePaths } from "@stigmer/lifecycle";

/** Bytes on disk, by part. */
export interface DataSizes {
  readonly database: number;
  readonly wal: number;
  readonly blobs: number;
  readonly workspaces: number;
}

/** Measures what lies on disk now. Files that vanish meanwhile count nothing. */
export function measureData(paths: HomePaths): DataSizes {
  return {
    database: sizeOf(paths.database),
    wal: sizeOf(`${paths.database}-wal`),
    blobs: folderSize(paths.blobs),
    workspaces: folderSize(paths.workspaces),
  };
}

function folderSize(folder: string): number {
  let total = 0;
  for (const entry of listFolder(folder)) {
    const path = join(folder, entry.name);
    total += entry.isDirectory() ? folderSize(path) : entry.isFile() ? sizeOf(path) : 0;
  }
  return total;
}

function listFolder(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
