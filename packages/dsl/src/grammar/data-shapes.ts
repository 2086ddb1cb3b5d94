import { RESOURCE } from "./connection-shapes.ts";
import {
  choice,
  DATA_MAP,
  EXPRESSION,
  integer,
  JSON_SCHEMA,
  optional,
  plainText,
  record,
  required,
  text,
} from "./shape.ts";

/** A duration: parts, ISO 8601 or an expression. */
export const DURATION = choice({
  text: text("duration"),
  map: record(
    "duration",
    [
      optional("days", integer(), "Number of days."),
      optional("hours", integer(), "Number of hours."),
      optional("minutes", integer(), "Number of minutes."),
      optional("seconds", integer(), "Number of seconds."),
      optional("milliseconds", integer(), "Number of milliseconds."),
    ],
    { minimum: 1 },
  ),
});

/** A time limit, inline. */
export const TIMEOUT = record("timeout", [
  required("after", DURATION, "Time after which it ends with a timeout error."),
]);

/** A time limit, inline or by name. */
export const TIMEOUT_SETTING = choice({ text: plainText("not-empty"), map: TIMEOUT });

/** A schema, inline or from a resource. */
const SCHEMA = record(
  "schema",
  [
    optional("format", plainText(), "Format of the schema; json by default."),
    optional("document", JSON_SCHEMA, "The schema itself."),
    optional("resource", RESOURCE, "Where the schema is."),
  ],
  { exactlyOne: [["document", "resource"]] },
);

/** One expression, or a map with expressions in it. */
const TRANSFORMATION = choice({ text: EXPRESSION, map: DATA_MAP });

/** Input of the workflow. */
export const WORKFLOW_INPUT = record("input", [
  optional("schema", SCHEMA, "Schema of the raw input."),
  optional("from", TRANSFORMATION, "Turns the raw input into the input.", { place: "workflow-input" }),
]);

/** Output of the workflow. */
export const WORKFLOW_OUTPUT = record("output", [
  optional("schema", SCHEMA, "Schema of the transformed output."),
  optional("as", TRANSFORMATION, "Turns the last task's output into the workflow's.", { place: "workflow-output" }),
]);

/** Input of a task. */
export const TASK_INPUT = record("input", [
  optional("schema", SCHEMA, "Schema of the raw input."),
  optional("from", TRANSFORMATION, "Turns the raw input into the input.", { place: "task-input" }),
]);

/** Output of a task. */
export const TASK_OUTPUT = record("output", [
  optional("schema", SCHEMA, "Schema of the transformed output."),
  optional("as", TRANSFORMATION, "Turns the raw output into the output.", { place: "task-output" }),
]);

/** What a task leaves in the context. */
export const TASK_EXPORT = record("export", [
  optional("schema", SCHEMA, "Schema of the new context."),
  optional("as", TRANSFORMATION, "The new context, from the task's output.", { place: "task-export" }),
]);
