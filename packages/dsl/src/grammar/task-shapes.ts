import { callVariants } from "./call-shapes.ts";
import { DURATION, TASK_EXPORT, TASK_INPUT, TASK_OUTPUT, TIMEOUT_SETTING } from "./data-shapes.ts";
import { EMITTED_EVENT, EVENT_STRATEGY, READ_MODE, subscriptionIterator } from "./event-shapes.ts";
import { RUN } from "./process-shapes.ts";
import {
  type Binding,
  BOOLEAN,
  choice,
  DATA,
  DATA_MAP,
  EXPRESSION,
  type Field,
  integer,
  lazy,
  listOf,
  type NamedListShape,
  optional,
  PLAIN_MAP,
  plainText,
  record,
  required,
  type Shape,
  text,
  type VariantShape,
} from "./shape.ts";

const TASK_FIELDS: readonly Field[] = [
  optional("if", EXPRESSION, "Runs the task only where this holds.", { place: "task-input" }),
  optional("input", TASK_INPUT, "Input of the task."),
  optional("output", TASK_OUTPUT, "Output of the task."),
  optional("export", TASK_EXPORT, "What the task leaves in the context."),
  optional("timeout", TIMEOUT_SETTING, "Longest time of the task, or the name of a timeout."),
  optional("then", plainText("not-empty"), "What comes next: continue, exit, end or the name of a task."),
  optional("metadata", PLAIN_MAP, "Further information."),
];

/** Tasks in sequence. */
export const TASKS: NamedListShape = {
  kind: "named-list",
  noun: "task",
  role: "sequence",
  of: lazy(() => TASK),
};

const BRANCHES: NamedListShape = { ...TASKS, role: "branches", minimum: 1 };

/** An error to raise. */
export const ERROR = record("error", [
  required("type", text("uri"), "Type of the error, a URI."),
  required("status", { ...integer(100, 599), expression: "wrapped" }, "Status, as HTTP has them."),
  optional("instance", text(), "Where the error came from."),
  optional("title", text(), "Short text."),
  optional("detail", text(), "What happened this time."),
]);

const EMPTY_MAP = PLAIN_MAP;

/** How a failed task is tried again. */
export const RETRY_POLICY = record("retry policy", [
  optional("when", EXPRESSION, "Retries only where this holds."),
  optional("exceptWhen", EXPRESSION, "Does not retry where this holds."),
  optional("delay", DURATION, "Time before a retry."),
  optional(
    "backoff",
    record(
      "backoff",
      [
        optional("constant", EMPTY_MAP, "The delay stays."),
        optional("exponential", EMPTY_MAP, "The delay doubles."),
        optional("linear", EMPTY_MAP, "The delay grows by itself."),
      ],
      { exactlyOne: [["constant", "exponential", "linear"]] },
    ),
    "How the delay grows.",
  ),
  optional(
    "limit",
    record("retry limit", [
      optional(
        "attempt",
        record("attempt limit", [
          optional("count", integer(0), "How many retries."),
          optional("duration", DURATION, "Longest time of one attempt."),
        ]),
        "Limits of attempts.",
      ),
      optional("duration", DURATION, "Longest time of all attempts."),
    ]),
    "When retries end.",
  ),
  optional(
    "jitter",
    record("jitter", [required("from", DURATION, "Least time added."), required("to", DURATION, "Most time added.")]),
    "Chance added to the delay.",
  ),
]);

const ERROR_FILTER = record(
  "error filter",
  [
    optional("type", plainText(), "Type of the error."),
    optional("status", integer(100, 599), "Status of the error."),
    optional("instance", plainText(), "Where it came from."),
    optional("title", plainText(), "Title of the error."),
    optional("detail", plainText(), "Detail of the error."),
    optional("details", plainText(), "Spelling of detail in 1.0.x."),
  ],
  { minimum: 1 },
);

const CATCH = record(
  "catch",
  [
    optional(
      "errors",
      record("errors", [optional("with", ERROR_FILTER, "Members the error has.")]),
      "Which errors are caught.",
    ),
    optional("as", plainText("variable"), "Name of the variable with the error; error by default."),
    optional("when", EXPRESSION, "Catches only where this holds."),
    optional("exceptWhen", EXPRESSION, "Does not catch where this holds."),
    optional("retry", choice({ text: plainText("not-empty"), map: RETRY_POLICY }), "How it is tried again."),
    optional("do", TASKS, "Tasks for a caught error."),
    optional("then", plainText("not-empty"), "What comes next after a caught error."),
  ],
  { binds: [{ from: ["as"], fallback: "error", within: ["when", "exceptWhen", "retry", "do"] }] },
);

const LOOP_BINDS: readonly Binding[] = [
  { from: ["for", "each"], fallback: "item", within: ["while", "do"] },
  { from: ["for", "at"], fallback: "index", within: ["while", "do"] },
];

const FOR = record("loop", [
  optional("each", plainText("variable"), "Name of the variable with the item; item by default."),
  required("in", choice({ text: EXPRESSION, list: listOf(DATA) }), "The items."),
  optional("at", plainText("variable"), "Name of the variable with the index; index by default."),
]);

const SWITCH_CASES: NamedListShape = {
  kind: "named-list",
  noun: "case",
  role: "cases",
  minimum: 1,
  of: record("switch case", [
    optional("when", EXPRESSION, "Takes the case where this holds; without it the case is the default."),
    required("then", plainText("not-empty"), "What comes next: continue, exit, end or the name of a task."),
  ]),
};

function task(name: string, fields: readonly Field[], binds?: readonly Binding[]): readonly [string, Shape] {
  return [name, record(`${name} task`, [...fields, ...TASK_FIELDS], binds === undefined ? {} : { binds })];
}

const LISTEN = record("listener", [
  required("to", EVENT_STRATEGY, "Which events are waited for."),
  optional("read", READ_MODE, "What is taken from the events; data by default."),
]);

/** Any task. `for` stands before `do` because a loop has both keys. */
export const TASK: VariantShape = {
  kind: "variant",
  noun: "task",
  variants: [
    ["call", callVariants(TASK_FIELDS, () => TASKS)],
    task("emit", [
      required(
        "emit",
        record("emission", [
          required(
            "event",
            record("event to emit", [required("with", EMITTED_EVENT, "Attributes of the event.")]),
            "The event.",
          ),
        ]),
        "Publishes an event.",
      ),
    ]),
    task(
      "for",
      [
        required("for", FOR, "Repeats for each item."),
        optional("while", EXPRESSION, "Goes on only while this holds."),
        required("do", TASKS, "Tasks for each item."),
      ],
      LOOP_BINDS,
    ),
    task("fork", [
      required(
        "fork",
        record("fork", [
          required("branches", BRANCHES, "Tasks that run at the same time."),
          optional("compete", BOOLEAN, "The first branch to end wins; false by default."),
        ]),
        "Runs branches at the same time.",
      ),
    ]),
    task("listen", [
      required("listen", LISTEN, "Waits for events."),
      optional(
        "foreach",
        subscriptionIterator(() => TASKS),
        "Work for each event.",
      ),
    ]),
    task("raise", [
      required(
        "raise",
        record("raise", [
          required("error", choice({ text: plainText("not-empty"), map: ERROR }), "The error, or its name."),
        ]),
        "Raises an error.",
      ),
    ]),
    task("run", [required("run", RUN, "Runs a process.")]),
    task("set", [required("set", choice({ text: EXPRESSION, map: { ...DATA_MAP, minimum: 1 } }), "The output.")]),
    task("switch", [required("switch", SWITCH_CASES, "Chooses what comes next.")]),
    task("try", [required("try", TASKS, "Tasks that may fail."), required("catch", CATCH, "What happens then.")]),
    task("wait", [required("wait", DURATION, "Lets time pass.")]),
    task("do", [required("do", TASKS, "Tasks in sequence.")]),
  ],
};
