export type * from "./json.ts";
export type * from "./model.ts";
export type * from "./model-calls.ts";
export type * from "./model-connections.ts";
export type * from "./model-events.ts";
export type * from "./model-processes.ts";
export * from "./tasks.ts";
