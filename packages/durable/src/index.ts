export type {
  ChildCall,
  CrashClass,
  Durable,
  DurableProgram,
  DurableScope,
  EffectCall,
  EffectRetry,
  InboxItem,
  ProgramEvent,
  ReceiveCall,
  ScopeCall,
  SleepCall,
} from "./durable.ts";
export { CancelledError, DeadlineError, DurableFailure, type Failure } from "./failure.ts";
export type { Json } from "./json.ts";
