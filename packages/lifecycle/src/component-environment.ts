import { type HomePaths, homePaths, resolveHome } from "./home.ts";
import { type LogLevel, parseLogLevel } from "./logger.ts";

/** Default port of the API. */
export const DEFAULT_PORT = 7234;

/** What a component is told by its environment. No secret stands here: tokens come as paths of files. */
export interface ComponentEnvironment {
  readonly home: string;
  readonly paths: HomePaths;
  /** Unix socket of the server. */
  readonly socket: string;
  /** File with this runner's token. */
  readonly tokenFile: string | undefined;
  /** File with one `component token` per line, for the server. */
  readonly runnerTokensFile: string | undefined;
  readonly host: string;
  /** 0 means any free port. */
  readonly port: number;
  /** Files of PEM that the port speaks TLS with; absent speaks in clear. */
  readonly tls: { readonly certificate: string; readonly key: string } | undefined;
  readonly logLevel: LogLevel;
  readonly hasParentPipe: boolean;
  readonly cookie: string | undefined;
  /** Names this start of the process; the supervisor tells the server when it is gone. */
  readonly instance: string;
}

/** Reads the component's part of the environment; the only place that does. */
export function readComponentEnvironment(env: NodeJS.ProcessEnv): ComponentEnvironment {
  const home = resolveHome(env);
  const paths = homePaths(home);
  const port = Number(env.STIGMER_PORT ?? DEFAULT_PORT);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(`Cannot use STIGMER_PORT "${env.STIGMER_PORT}": it is not a port from 0 to 65535`);
  }
  return {
    home,
    paths,
    socket: env.STIGMER_SOCKET ?? paths.socket,
    tokenFile: env.STIGMER_TOKEN_FILE,
    runnerTokensFile: env.STIGMER_RUNNER_TOKENS_FILE,
    host: env.STIGMER_HOST ?? "127.0.0.1",
    port,
    tls: readTlsFiles(env),
    logLevel: parseLogLevel(env.STIGMER_LOG_LEVEL),
    hasParentPipe: env.STIGMER_PARENT_PIPE === "1",
    cookie: env.STIGMER_COOKIE,
    instance: env.STIGMER_INSTANCE ?? `pid-${process.pid}-${Date.now()}`,
  };
}

function readTlsFiles(env: NodeJS.ProcessEnv): ComponentEnvironment["tls"] {
  const { STIGMER_TLS_CERT: certificate = "", STIGMER_TLS_KEY: key = "" } = env;
  if (certificate === "" && key === "") return undefined;
  if (certificate !== "" && key !== "") return { certificate, key };
  const missing = key === "" ? "STIGMER_TLS_KEY" : "STIGMER_TLS_CERT";
  throw new RangeError(`Cannot speak TLS: ${missing} is missing; certificate and key go together`);
}
