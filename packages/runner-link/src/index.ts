export type { RunnerFrame, ServerFrame } from "@stigmer/api";
export type { Channel, ChannelListener, OpenChannel } from "./channel.ts";
export type { RunnerEffectContext } from "./effect-context.ts";
export { createRunner, type Runner, type RunnerLog, type RunnerOptions, type RunnerProgram } from "./runner.ts";
export {
  type HandlerContext,
  RUNNER_STOP_TIMEOUT_MS,
  type RunnerEffectHandler,
  type RunnerEffects,
  type ServeRunnerParams,
  serveRunner,
} from "./serve-runner.ts";
export { createServerLink, type ServerLink, type ServerLinkParams } from "./server-link.ts";
export { nodeSurroundings, type Surroundings } from "./surroundings.ts";
export type { LeaseName } from "./unsafe-words.ts";
