import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** Longest socket path that every supported kernel takes, in bytes, with room for a suffix. */
const MAX_SOCKET_PATH_BYTES = 100;

/** Where everything of one home lies. All paths are absolute. */
export interface HomePaths {
  readonly home: string;
  readonly bin: string;
  readonly versions: string;
  readonly data: string;
  readonly database: string;
  readonly blobs: string;
  readonly workspaces: string;
  readonly logs: string;
  readonly run: string;
  readonly state: string;
  readonly supervisorLock: string;
  readonly socket: string;
  readonly auth: string;
  readonly clientToken: string;
  readonly secretKey: string;
  readonly config: string;
  readonly cache: string;
}

/** The home that `env` names by STIGMER_HOME, else `~/.stigmer`. */
export function resolveHome(env: NodeJS.ProcessEnv): string {
  const named = env.STIGMER_HOME;
  return resolve(named === undefined || named === "" ? join(homedir(), ".stigmer") : named);
}

/** The layout of a home on disk. */
export function homePaths(home: string): HomePaths {
  const at = (...parts: string[]) => join(home, ...parts);
  return {
    home,
    bin: at("bin"),
    versions: at("versions"),
    data: at("data"),
    database: at("data", "stigmer.db"),
    blobs: at("data", "blobs"),
    workspaces: at("data", "workspaces"),
    logs: at("logs"),
    run: at("run"),
    state: at("run", "state.json"),
    supervisorLock: at("run", "supervisor.lock"),
    socket: socketPath(home),
    auth: at("auth"),
    clientToken: at("auth", "client-token"),
    secretKey: at("auth", "secret-key"),
    config: at("config.yaml"),
    cache: at("cache"),
  };
}

/** `run/stigmer.sock`, or a short private folder below the system's temporary folder where the home's path is too long. */
function socketPath(home: string): string {
  const usual = join(home, "run", "stigmer.sock");
  if (Buffer.byteLength(usual) <= MAX_SOCKET_PATH_BYTES) return usual;
  const owner = process.getuid?.() ?? 0;
  const mark = process.getBuiltinModule("node:crypto").createHash("sha256").update(home).digest("hex").slice(0, 8);
  return join(tmpdir().length > 40 ? "/tmp" : tmpdir(), `stigmer-${owner}-${mark}`, "stigmer.sock");
}
