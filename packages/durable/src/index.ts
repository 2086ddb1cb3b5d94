export { Activation, type ActivationStart } from "./activation.ts";
export type {
  ActivationEnd,
  ActivationPort,
  CancelSignal,
  Clock,
  EffectRunContext,
  IdleState,
  RunEffect,
} from "./activation-port.ts";
export { CANCEL_GRACE_MS } from "./cancellation.ts";
export { childExecutionId } from "./digest.ts";
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
export {
  type ChildOutcome,
  type EntryKind,
  type HostItem,
  JOURNAL_VERSION,
  type JournalEntry,
  JournalMismatch,
  type Outcome,
  type ReportedEvent,
  readChildOutcome,
  readFailure,
  readHostItem,
  readOutcome,
  startBody,
} from "./entry.ts";
export { CancelledError, DeadlineError, DurableFailure, type Failure } from "./failure.ts";
export type { Json } from "./json.ts";
export { createMemoryHost } from "./memory-host.ts";
export type { ChildRequest, LogEvent, MemoryExecution, MemoryHost, MemoryHostOptions } from "./memory-options.ts";
export { VirtualClock } from "./virtual-clock.ts";
