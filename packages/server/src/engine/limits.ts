/** Bounds and waits of the engine. */
export interface EngineLimits {
  /** How long the runner of a lost stream may reclaim its leases. */
  readonly reclaimGraceMs: number;
  /** How long executions that were leased when the server ended wait for their runner. */
  readonly blindGraceMs: number;
  /** Deaths of a runner that carried nothing else, without progress, after which an execution is suspended. */
  readonly maxDeaths: number;
  /** How long an execution that saw a death waits for a runner of its own before it shares one. */
  readonly aloneWaitMs: number;
  /** How long such an execution has the runner for itself. */
  readonly aloneMs: number;
  /** Most executions that wait for a runner; further starts are refused. */
  readonly maxBacklog: number;
  /** Deepest chain of child executions. */
  readonly maxDepth: number;
}

/** The product's bounds. */
export const DEFAULT_LIMITS: EngineLimits = {
  reclaimGraceMs: 250,
  blindGraceMs: 400,
  maxDeaths: 3,
  aloneWaitMs: 2_000,
  aloneMs: 1_000,
  maxBacklog: 100_000,
  maxDepth: 32,
};
