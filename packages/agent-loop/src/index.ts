export { type AgentTurn, type McpServer, readAgentTurn } from "./agent-input.ts";
export type { AgentLimits } from "./agent-limits.ts";
export { agentProgram } from "./agent-program.ts";
export { LIMIT_REACHED, type LimitKind } from "./limit-failure.ts";
