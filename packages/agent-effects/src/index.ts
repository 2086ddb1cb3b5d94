export { type AgentEffects, type AgentEffectsOptions, createAgentEffects } from "./agent-effects.ts";
export { type BlobPort, cacheBlobs, createMemoryBlobs, digestOf } from "./blobs.ts";
export { PROVIDER_NAMES } from "./model/providers.ts";
export { BUILT_IN_TOOL_NAMES } from "./tools/built-in-tools.ts";
export { createTranscripts, type Message, type ToolResult, type Transcripts } from "./transcript.ts";
