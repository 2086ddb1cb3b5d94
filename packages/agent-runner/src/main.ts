import { runComponent } from "@stigmer/lifecycle";
import { RUNNER_STOP_TIMEOUT_MS } from "@stigmer/runner-link";
import { startAgentRunner } from "./agent-runner.ts";

runComponent({ component: "agent-runner", start: startAgentRunner, stopTimeoutMs: RUNNER_STOP_TIMEOUT_MS });
