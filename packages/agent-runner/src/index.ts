export { startAgentRunner } from "./agent-runner.ts";
