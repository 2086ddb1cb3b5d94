export { startWorkflowRunner } from "./workflow-runner.ts";
