import {
  BOOLEAN,
  choice,
  integer,
  listOf,
  mapOf,
  oneOf,
  optional,
  PLAIN_DATA,
  plainText,
  record,
  required,
  type Shape,
} from "../grammar/shape.ts";
import { DURATION_AS_WRITTEN } from "./written-duration.ts";

/** Kinds of work that a mock can answer and that `allow` can let through. */
export const EFFECT_KINDS = [
  "http",
  "openapi",
  "grpc",
  "asyncapi",
  "mcp",
  "a2a",
  "resource",
  "shell",
  "script",
  "container",
  "model",
  "agent",
  "workflow",
] as const;

const NOT_EMPTY = plainText("not-empty");
const TASK_FIELD = optional("task", NOT_EMPTY, "Name of the task, or its reference such as /do/0/fetch.");
const URL_FIELD = optional("url", NOT_EMPTY, "Address of the call; * stands for any text.");
const FUNCTION_FIELD = optional("function", NOT_EMPTY, "Name of the function, as call: names it.");
const KIND_FIELD = optional("kind", oneOf(...EFFECT_KINDS), "Kind of work.");
const METHOD_FIELD = optional("method", NOT_EMPTY, "Method of the HTTP call; any one when absent.");

const PARTIAL_ERROR = record(
  "partial error",
  [
    optional("type", plainText(), "Type of the error, a URI."),
    optional("status", integer(100, 599), "Status of the error."),
    optional("title", plainText(), "Title of the error."),
    optional("detail", plainText(), "Detail of the error."),
    optional("instance", plainText(), "Where it came from."),
    optional("data", PLAIN_DATA, "Data of the error."),
  ],
  { minimum: 1 },
);

const MOCKED_ERROR = record(
  "mocked error",
  [
    optional("type", plainText(), "Type of the error, a URI; that of a communication error when absent."),
    optional("status", integer(100, 599), "Status of the error; 500 when absent."),
    optional("title", plainText(), "Title of the error."),
    optional("detail", plainText(), "Detail of the error."),
    optional("data", PLAIN_DATA, "Data of the error."),
  ],
  { minimum: 1 },
);

/** One answer that stands in place of the world. */
const MOCK = record(
  "mock",
  [
    TASK_FIELD,
    URL_FIELD,
    FUNCTION_FIELD,
    KIND_FIELD,
    METHOD_FIELD,
    optional("times", integer(1), "How often it answers; always when absent."),
    optional("returns", PLAIN_DATA, "What the work gives, as the task sees it before output.as."),
    optional("status", integer(100, 599), "Status of the HTTP response; 200 when absent."),
    optional("headers", mapOf(plainText()), "Headers of the HTTP response."),
    optional("body", PLAIN_DATA, "Content of the HTTP response."),
    optional("error", MOCKED_ERROR, "The work fails with this error."),
    optional("delay", DURATION_AS_WRITTEN, "Virtual time before it answers."),
  ],
  {
    exactlyOne: [["task", "url", "function", "kind"]],
    atMostOne: [
      ["returns", "error", "status"],
      ["returns", "error", "headers"],
      ["returns", "error", "body"],
    ],
  },
);

const EVENT = record(
  "delivered event",
  [
    optional("after", DURATION_AS_WRITTEN, "Virtual time from the start of the run."),
    optional("afterMs", integer(), "The same in milliseconds."),
    required(
      "event",
      record(
        "CloudEvent",
        [
          required("type", NOT_EMPTY, "What happened."),
          optional("source", NOT_EMPTY, "Where it happened; /test when absent."),
          optional("id", NOT_EMPTY, "Its id; counted when absent."),
          optional("data", PLAIN_DATA, "The data."),
        ],
        { rest: PLAIN_DATA },
      ),
      "The event; id, source and specversion are filled in.",
    ),
  ],
  { atMostOne: [["after", "afterMs"]] },
);

const DECISION = record("decision", [
  required("task", NOT_EMPTY, "Name or reference of the task that asks."),
  required("outcome", NOT_EMPTY, "One of the outcomes of the question."),
  optional("data", PLAIN_DATA, "Data for the form of the question."),
  optional("by", NOT_EMPTY, "Who decides; the first approver when absent."),
  optional("after", DURATION_AS_WRITTEN, "Virtual time from the question on."),
]);

const CALL = record(
  "expected call",
  [
    TASK_FIELD,
    URL_FIELD,
    FUNCTION_FIELD,
    KIND_FIELD,
    METHOD_FIELD,
    optional("headers", mapOf(plainText()), "Headers that the call must have."),
    optional("body", PLAIN_DATA, "What the call's body must hold; maps may hold more."),
    optional("times", integer(0), "How often; at least once when absent."),
  ],
  { exactlyOne: [["task", "url", "function", "kind"]] },
);

const TASK_STATUS = oneOf("completed", "faulted", "cancelled", "skipped", "running");

const EXPECTATION = record(
  "expectation",
  [
    optional(
      "status",
      oneOf("completed", "faulted", "cancelled", "waiting"),
      "How the run ends; completed when absent, faulted beside error.",
    ),
    optional("output", PLAIN_DATA, "The whole output."),
    optional("outputMatches", PLAIN_DATA, "What the output must hold; maps may hold more."),
    optional("outputSnapshot", BOOLEAN, "Compares the output with the file beside; --update-snapshots writes it."),
    optional("error", PARTIAL_ERROR, "Members that the error has."),
    optional(
      "tasks",
      record("expected tasks", [
        optional("order", listOf(NOT_EMPTY), "Tasks that start in this order, with any others between them."),
        optional("statuses", mapOf(TASK_STATUS), "How the last run of each task ends, by name or reference."),
      ]),
      "What the tasks do.",
    ),
    optional("calls", listOf(CALL), "Work that was asked of the world."),
    optional("emitted", listOf(PLAIN_DATA), "The events that are emitted, in order; each may hold more."),
    optional(
      "duration",
      record(
        "expected duration",
        [
          optional("max", DURATION_AS_WRITTEN, "At most so long, in virtual time."),
          optional("exact", DURATION_AS_WRITTEN, "Exactly so long, in virtual time."),
        ],
        { exactlyOne: [["max", "exact"]] },
      ),
      "How long the run takes in virtual time.",
    ),
  ],
  {
    minimum: 1,
    atMostOne: [["output", "outputSnapshot"]],
  },
);

const ALLOWED: Shape = choice({
  text: oneOf(...EFFECT_KINDS.filter((kind) => kind !== "agent" && kind !== "workflow")),
  map: record("allowed origin", [
    required("http", plainText("uri"), "Origin that may be called, such as http://127.0.0.1:8080."),
  ]),
});
const ALLOW = optional("allow", listOf(ALLOWED), "Work that really happens when no mock answers it.");

const TEST = record(
  "test",
  [
    required("name", NOT_EMPTY, "What is tested; unique in the file."),
    optional("input", PLAIN_DATA, "Input of the workflow."),
    optional("inputFile", NOT_EMPTY, "A file of JSON or YAML with the input."),
    optional("message", NOT_EMPTY, "What an agent is told."),
    optional("workspace", NOT_EMPTY, "Folder in which an agent's tools work."),
    optional("secrets", mapOf(PLAIN_DATA, { names: "secret-name" }), "Secrets by name."),
    optional(
      "environment",
      mapOf(PLAIN_DATA),
      "Variables of the environment, as $runtime.metadata.variables has them.",
    ),
    optional("mocks", listOf(MOCK), "Answers in place of the world; the first that fits counts."),
    optional("events", listOf(EVENT), "Events that arrive at virtual times."),
    optional("decisions", listOf(DECISION), "Answers of people; each question of a task takes the next one."),
    optional("expect", EXPECTATION, "What must be so in the end; that it completes when absent."),
    optional("chaos", BOOLEAN, "false leaves the test out of --chaos."),
    ALLOW,
  ],
  { atMostOne: [["input", "inputFile"]] },
);

/** The grammar of a test file, `*.test.yaml`. */
export const WORKFLOW_TEST = record("test file", [
  required("workflow", NOT_EMPTY, "The file that is tested: its first workflow, else its first agent."),
  optional("subflows", listOf(NOT_EMPTY), "Files or folders with further definitions that it calls."),
  optional("mocks", listOf(MOCK), "Mocks of every test, after its own."),
  ALLOW,
  required("tests", listOf(TEST, 1), "The tests."),
]);
