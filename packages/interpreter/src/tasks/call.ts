import { type CallTask, knownCall } from "@stigmer/dsl";
import type { Outcome, TaskFrame } from "../frame.ts";
import type { Step } from "../step.ts";
import { callAgent } from "./call-agent.ts";
import { callAsyncApi } from "./call-asyncapi.ts";
import { callFunction } from "./call-function.ts";
import { callHttp } from "./call-http.ts";
import { callHuman } from "./call-human.ts";
import { callService } from "./call-service.ts";

/** Calls a service, an agent or a function. */
export function runCall(frame: TaskFrame, task: CallTask): Step<Outcome> {
  const call = knownCall(task);
  switch (call.protocol) {
    case "http":
      return callHttp(frame, call.task);
    case "agent":
      return callAgent(frame, call.task);
    case "openapi":
    case "grpc":
    case "a2a":
    case "mcp":
      return callService(frame, call);
    case "asyncapi":
      return callAsyncApi(frame, call.task);
    case "human":
      return callHuman(frame, call.task);
    case "function":
      return callFunction(frame, call.task);
  }
}
