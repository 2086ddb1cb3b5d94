import type { Json, JsonObject } from "./json.ts";
import type {
  A2aArguments,
  AgentArguments,
  GrpcArguments,
  HttpArguments,
  HumanArguments,
  McpArguments,
  OpenApiArguments,
} from "./model-calls.ts";
import type { Authentication, AuthenticationPolicy, Endpoint, ExternalResource } from "./model-connections.ts";
import type { Duration, ExportRule, InputRule, OutputRule } from "./model-data.ts";
import type { EmittedEvent, EventConsumptionStrategy, EventReadMode } from "./model-events.ts";
import type { RunArguments } from "./model-processes.ts";

/**
 * A workflow definition, exactly the structure of the Serverless Workflow DSL 1.0.0 to 1.0.3 and its main branch.
 *
 * All types of this model are aliases over plain JSON: a definition is stored, pinned and sent as it was written.
 */
export type WorkflowDocument = {
  readonly document: DocumentHeader;
  readonly input?: InputRule;
  readonly use?: Use;
  readonly do: TaskList;
  readonly timeout?: TimeoutSetting;
  readonly output?: OutputRule;
  readonly schedule?: Schedule;
  readonly evaluate?: Evaluate;
  /** An extension of this project: the Environment with variables and secrets. */
  readonly environment?: string;
};

/** Identity of a definition: names by RFC 1123, `version` and `dsl` semantic versions. */
export type DocumentHeader = {
  readonly dsl: string;
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
  readonly title?: string;
  readonly summary?: string;
  readonly tags?: JsonObject;
  readonly metadata?: JsonObject;
};

/** Expression language and mode; defaults `jq` and `strict`. */
export type Evaluate = { readonly language?: string; readonly mode?: EvaluateMode };

/** `strict`: only strings wrapped in `${ }` are expressions; `loose`: every string is tried. */
export type EvaluateMode = "strict" | "loose";

/** Reusable components, by name. */
export type Use = {
  readonly authentications?: { readonly [name: string]: AuthenticationPolicy };
  readonly errors?: { readonly [name: string]: ErrorDefinition };
  readonly extensions?: readonly { readonly [name: string]: Extension }[];
  readonly functions?: { readonly [name: string]: Task };
  readonly retries?: { readonly [name: string]: RetryPolicy };
  readonly secrets?: readonly string[];
  readonly timeouts?: { readonly [name: string]: Timeout };
  readonly catalogs?: { readonly [name: string]: { readonly endpoint: Endpoint } };
};

/** Steps around every task of a kind. */
export type Extension = {
  readonly extend: TaskKind | "composite" | "all";
  readonly when?: string;
  readonly before?: TaskList;
  readonly after?: TaskList;
};

/** When runs start by themselves; `read` is only allowed with `on` and defaults to `data`. */
export type Schedule = {
  readonly every?: Duration;
  readonly cron?: string;
  readonly after?: Duration;
  readonly on?: EventConsumptionStrategy;
  readonly read?: EventReadMode;
};

/** Named tasks in order; each item has exactly one key, the name. */
export type TaskList = readonly { readonly [name: string]: Task }[];

/** What every task may have beside its own work. */
export type TaskBase = {
  readonly if?: string;
  readonly input?: InputRule;
  readonly output?: OutputRule;
  readonly export?: ExportRule;
  readonly timeout?: TimeoutSetting;
  readonly then?: FlowDirective;
  readonly metadata?: JsonObject;
};

/** A task; `taskKind` tells which one it is. */
export type Task =
  | CallTask
  | DoTask
  | EmitTask
  | ForTask
  | ForkTask
  | ListenTask
  | RaiseTask
  | RunTask
  | SetTask
  | SwitchTask
  | TryTask
  | WaitTask;

/** The key that names a task's work. */
export type TaskKind =
  | "call"
  | "do"
  | "emit"
  | "for"
  | "fork"
  | "listen"
  | "raise"
  | "run"
  | "set"
  | "switch"
  | "try"
  | "wait";

/** Every call; the literal `call` tells the protocol, any other name is a function. */
export type CallTask =
  | HttpCallTask
  | OpenApiCallTask
  | GrpcCallTask
  | AsyncApiCallTask
  | A2aCallTask
  | McpCallTask
  | AgentCallTask
  | HumanCallTask
  | FunctionCallTask;

/** `call: http`. */
export type HttpCallTask = TaskBase & { readonly call: "http"; readonly with: HttpArguments };
/** `call: openapi`. */
export type OpenApiCallTask = TaskBase & { readonly call: "openapi"; readonly with: OpenApiArguments };
/** `call: grpc`. */
export type GrpcCallTask = TaskBase & { readonly call: "grpc"; readonly with: GrpcArguments };
/** `call: asyncapi`. */
export type AsyncApiCallTask = TaskBase & { readonly call: "asyncapi"; readonly with: AsyncApiArguments };
/** `call: a2a`. */
export type A2aCallTask = TaskBase & { readonly call: "a2a"; readonly with: A2aArguments };
/** `call: mcp`. */
export type McpCallTask = TaskBase & { readonly call: "mcp"; readonly with: McpArguments };
/** `call: agent`, an extension of this project: runs an agent and takes its answer as output. */
export type AgentCallTask = TaskBase & { readonly call: "agent"; readonly with: AgentArguments };
/** `call: human`, an extension of this project: asks people and takes their decision as output. */
export type HumanCallTask = TaskBase & { readonly call: "human"; readonly with: HumanArguments };
/** Call of a function of `use.functions`, a catalog (`name:version@catalog`) or a URL; `knownCall` narrows the union. */
export type FunctionCallTask = TaskBase & { readonly call: string; readonly with?: JsonObject };

/** Tasks in sequence. */
export type DoTask = TaskBase & { readonly do: TaskList };

/** Publishes an event. */
export type EmitTask = TaskBase & { readonly emit: { readonly event: { readonly with: EmittedEvent } } };

/** Repeats `do` for each item; `each` defaults to `item`, `at` to `index`; output of one iteration feeds the next. */
export type ForTask = TaskBase & {
  readonly for: { readonly each?: string; readonly in: string | readonly Json[]; readonly at?: string };
  readonly while?: string;
  readonly do: TaskList;
};

/** Branches at the same time; `compete` (default false) takes the first one's output and cancels the others. */
export type ForkTask = TaskBase & { readonly fork: { readonly branches: TaskList; readonly compete?: boolean } };

/** Waits for events; the output is a list of what was read. */
export type ListenTask = TaskBase & {
  readonly listen: { readonly to: EventConsumptionStrategy; readonly read?: EventReadMode };
  readonly foreach?: SubscriptionIterator;
};

/** Work for each event or message; `item` defaults to `item`, `at` to `index`. */
export type SubscriptionIterator = {
  readonly item?: string;
  readonly at?: string;
  readonly do?: TaskList;
  readonly output?: OutputRule;
  readonly export?: ExportRule;
};

/** Raises an error, inline or by its name in `use.errors`. */
export type RaiseTask = TaskBase & { readonly raise: { readonly error: ErrorDefinition | string } };

/** Runs a process or another workflow. */
export type RunTask = TaskBase & { readonly run: RunArguments };

/** Output from a map of values or one expression. */
export type SetTask = TaskBase & { readonly set: JsonObject | string };

/** Takes the first case whose `when` holds; a case without `when` is the default. */
export type SwitchTask = TaskBase & { readonly switch: readonly { readonly [name: string]: SwitchCase }[] };

/** One way out of a switch. */
export type SwitchCase = { readonly when?: string; readonly then: FlowDirective };

/** Tasks with a way to handle their errors. */
export type TryTask = TaskBase & { readonly try: TaskList; readonly catch: CatchRule };

/** Which errors are caught, and what happens then; `as` defaults to `error`. */
export type CatchRule = {
  readonly errors?: { readonly with?: ErrorFilter };
  readonly as?: string;
  readonly when?: string;
  readonly exceptWhen?: string;
  readonly retry?: RetryPolicy | string;
  readonly do?: TaskList;
  readonly then?: FlowDirective;
};

/** Lets time pass. */
export type WaitTask = TaskBase & { readonly wait: Duration };

/** `continue`, `exit`, `end` or the name of a task of the same list. */
export type FlowDirective = string;

/** Members an error must have to match; types are compared through their aliases. `details` is the 1.0.x spelling. */
export type ErrorFilter = {
  readonly type?: string;
  readonly status?: number;
  readonly instance?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly details?: string;
};

/** An error in the shape of RFC 9457; strings may be expressions, `instance` is set by the runtime. */
export type ErrorDefinition = {
  readonly type: string;
  readonly status: number | string;
  readonly instance?: string;
  readonly title?: string;
  readonly detail?: string;
};

/** How often and when a caught error leads to another try. */
export type RetryPolicy = {
  readonly when?: string;
  readonly exceptWhen?: string;
  readonly delay?: Duration;
  readonly backoff?: Backoff;
  readonly limit?: {
    readonly attempt?: { readonly count?: number; readonly duration?: Duration };
    readonly duration?: Duration;
  };
  readonly jitter?: { readonly from: Duration; readonly to: Duration };
};

/** Exactly one growth of the delay. */
export type Backoff = {
  readonly constant?: JsonObject;
  readonly exponential?: JsonObject;
  readonly linear?: JsonObject;
};

/** A time limit. */
export type Timeout = { readonly after: Duration };

/** A time limit, inline or by its name in `use.timeouts`. */
export type TimeoutSetting = Timeout | string;

/** Arguments of `call: asyncapi`: `channel` (2.6) or `operation` (3.0), with `message` or `subscription`. */
export type AsyncApiArguments = {
  readonly document: ExternalResource;
  readonly channel?: string;
  readonly operation?: string;
  readonly server?: { readonly name: string; readonly variables?: JsonObject };
  readonly protocol?: string;
  readonly message?: { readonly payload?: Json; readonly headers?: JsonObject };
  readonly subscription?: AsyncApiSubscription;
  readonly authentication?: Authentication;
};

/** Messages to read: exactly one of `amount`, `while`, `until`, and at most `for` long. */
export type AsyncApiSubscription = {
  readonly filter?: string;
  readonly consume: {
    readonly for?: Duration;
    readonly amount?: number;
    readonly while?: string;
    readonly until?: string;
  };
  readonly foreach?: SubscriptionIterator;
};
