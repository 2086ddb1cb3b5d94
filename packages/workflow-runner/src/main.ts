import { runComponent } from "@stigmer/lifecycle";
import { RUNNER_STOP_TIMEOUT_MS } from "@stigmer/runner-link";
import { startWorkflowRunner } from "./workflow-runner.ts";

runComponent({ component: "workflow-runner", start: startWorkflowRunner, stopTimeoutMs: RUNNER_STOP_TIMEOUT_MS });
