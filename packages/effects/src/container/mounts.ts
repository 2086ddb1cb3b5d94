import { mkdir, realpath } from "node:fs/promises";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { failure } from "../fail.ts";

/** One entry of a container's volumes. */
export interface ResolveMountParams {
  /** A path (absolute, or beginning with a dot), or the name of a volume. */
  readonly source: string;
  readonly target: string;
  readonly workspaceDir: string;
  /** Folders beside the workspace that may be mounted. */
  readonly allowed: readonly string[];
}

/**
 * A volume as the engine takes it. Folders of the machine must lie in the workspace or in an allowed folder, links
 * followed: the engine would mount anything, with the rights of root.
 *
 * @throws {DurableFailure} `configuration` for anything else
 */
export async function resolveMount({ source, target, workspaceDir, allowed }: ResolveMountParams): Promise<string> {
  if (!/^\/[^:]*(?::(?:ro|rw))?$/.test(target))
    throw invalid(source, `"${target}" is no absolute path in the container`);
  if (!source.startsWith(".") && !isAbsolute(source)) {
    if (/^[A-Za-z0-9][\w.-]*$/.test(source)) return `${source}:${target}`;
    throw invalid(source, "it is neither a path nor the name of a volume");
  }
  const path = resolve(workspaceDir, source);
  if (isInside(path, workspaceDir)) await mkdir(path, { recursive: true }).catch(() => undefined); // a file, or not ours
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined) throw invalid(source, "it does not exist");
  const roots = await Promise.all([workspaceDir, ...allowed].map((root) => realpath(root).catch(() => undefined)));
  if (!roots.some((root) => root !== undefined && isInside(real, root))) {
    throw invalid(source, "it is outside of the workspace and of the folders that the configuration allows");
  }
  if (real.includes(":")) throw invalid(source, "its path holds a colon, which no engine takes");
  return `${real}:${target}`;
}

function isInside(path: string, root: string): boolean {
  const way = relative(root, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

function invalid(source: string, why: string) {
  return failure("configuration", { detail: `Cannot mount "${source}" in a container: ${why}`, retryable: false });
}
