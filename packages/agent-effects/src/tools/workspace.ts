import { constants } from "node:fs";
import { type FileHandle, open, readlink, realpath } from "node:fs/promises";
import { isAbsolute, relative, resolve, sep } from "node:path";

/** Why a tool cannot do what it is asked for, in words for the model. */
export class ToolProblem extends Error {}

/** The folder that an agent's tools see. Every path is checked on what it really leads to. */
export interface Workspace {
  /** Real path of the folder. */
  readonly root: string;
  /** Real path of something inside. @throws {ToolProblem} when it leads outside or to nothing */
  find(path: string): Promise<string>;
  /** Opens a regular file inside for reading; the caller closes it. @throws {ToolProblem} */
  openFile(path: string): Promise<FileHandle>;
  /** Path as the model knows it: relative to the folder. */
  show(realPath: string): string;
}

export interface OpenWorkspaceParams {
  /** Folder that the agent or the person named; absent means `ownDir`. */
  readonly folder: string | undefined;
  /** The execution's own folder. */
  readonly ownDir: string;
  /** Folders that are never inside a workspace, such as the home with its keys. */
  readonly protectedDirs: readonly string[];
}

/** @throws {ToolProblem} when the folder does not exist, or holds or lies in a protected folder */
export async function openWorkspace(params: OpenWorkspaceParams): Promise<Workspace> {
  const root = await realpathOf(params.folder ?? params.ownDir, "The workspace");
  if (params.folder !== undefined) {
    for (const dir of params.protectedDirs) {
      const real = await realpath(dir).catch(() => resolve(dir));
      if (isWithin(real, root) || isWithin(root, real)) {
        throw new ToolProblem(`The workspace ${params.folder} is refused: it would show ${dir}`);
      }
    }
  }
  return {
    root,
    find: (path) => find(root, path),
    openFile: (path) => openFile(root, path),
    show: (realPath) => relative(root, realPath) || ".",
  };
}

async function find(root: string, path: string): Promise<string> {
  if (path.includes("\0")) throw new ToolProblem("A path cannot hold a zero byte");
  // A leading slash means the workspace's own root, which is what a model that was shown "/" means.
  const wanted = isAbsolute(path) && !isWithin(path, root) ? `.${path}` : path;
  const real = await realpathOf(resolve(root, wanted), path === "" ? "." : path);
  if (!isWithin(real, root)) throw new ToolProblem(`${path} leads outside of the workspace`);
  return real;
}

async function openFile(root: string, path: string): Promise<FileHandle> {
  const real = await find(root, path);
  // Not blocking: opening a pipe that nobody writes to would wait for ever.
  const handle = await open(real, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW).catch((error) => {
    throw problem(path, error);
  });
  try {
    if (!(await handle.stat()).isFile()) throw new ToolProblem(`${path} is no file`);
    await requireInside(handle, root, path);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** A folder on the way may have been swapped for a link since the path was checked: ask the kernel what was opened. */
async function requireInside(handle: FileHandle, root: string, path: string): Promise<void> {
  if (process.platform !== "linux") return;
  const opened = await readlink(`/proc/self/fd/${handle.fd}`);
  if (!isWithin(opened, root)) throw new ToolProblem(`${path} leads outside of the workspace`);
}

async function realpathOf(path: string, shown: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    throw problem(shown, error);
  }
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function problem(path: string, error: unknown): ToolProblem {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
  switch (code) {
    case "ENOENT":
      return new ToolProblem(`${path} does not exist`);
    case "EACCES":
    case "EPERM":
      return new ToolProblem(`${path} may not be read`);
    case "ELOOP":
      return new ToolProblem(`${path} is a link that leads nowhere`);
    case "ENOTDIR":
      return new ToolProblem(`${path} goes through something that is no folder`);
    default:
      return new ToolProblem(`${path} cannot be read (${code})`);
  }
}
