import type { HomePaths } from "@stigmer/lifecycle";
import type { PlatformSettings } from "../config/settings.ts";
import type { ComponentName } from "./machine.ts";
import type { RunnerTokens } from "./runner-tokens.ts";

export interface SpawnEnvironmentParams {
  readonly component: ComponentName;
  /** The supervisor's own environment. */
  readonly env: NodeJS.ProcessEnv;
  readonly paths: HomePaths;
  readonly settings: PlatformSettings;
  readonly tokens: RunnerTokens;
  readonly cookie: string;
  readonly instance: string;
}

/** What the children of the user's own environment keep; everything else stays outside. */
const KEPT = [
  "PATH",
  "HOME",
  "LANG",
  "LC_ALL",
  "TZ",
  "TMPDIR",
  "USER",
  "LOGNAME",
  "SSL_CERT_FILE",
  "NODE_EXTRA_CA_CERTS",
];

/** The environment a component starts with: addresses and paths of token files, no secret. */
export function componentEnvironment(params: SpawnEnvironmentParams): NodeJS.ProcessEnv {
  const { component, env, paths, settings, tokens } = params;
  const kept = Object.fromEntries(KEPT.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
  const ownVariables =
    component === "server"
      ? {
          STIGMER_RUNNER_TOKENS_FILE: tokens.serverFile,
          STIGMER_TLS_CERT: settings.tlsCert,
          STIGMER_TLS_KEY: settings.tlsKey,
        }
      : { STIGMER_TOKEN_FILE: tokens.fileOf(component) };
  return {
    ...kept,
    STIGMER_HOME: paths.home,
    STIGMER_SOCKET: paths.socket,
    STIGMER_HOST: settings.host,
    // Runners start when the server is ready: what they are told is its real port, which their calls never enter.
    STIGMER_PORT: String(settings.port),
    STIGMER_LOG_LEVEL: settings.logLevel,
    STIGMER_PARENT_PIPE: "1",
    STIGMER_COOKIE: params.cookie,
    STIGMER_INSTANCE: params.instance,
    MALLOC_ARENA_MAX: "2",
    UV_THREADPOOL_SIZE: component === "server" ? "4" : "2",
    ...ownVariables,
  };
}
