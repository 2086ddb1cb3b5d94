import { AUTHENTICATION_POLICY, ENDPOINT } from "./connection-shapes.ts";
import { DURATION, TIMEOUT, TIMEOUT_SETTING, WORKFLOW_INPUT, WORKFLOW_OUTPUT } from "./data-shapes.ts";
import { EVENT_STRATEGY, READ_MODE } from "./event-shapes.ts";
import {
  EXPRESSION,
  listOf,
  mapOf,
  type NamedListShape,
  oneOf,
  optional,
  PLAIN_MAP,
  plainText,
  record,
  required,
} from "./shape.ts";
import { ERROR, RETRY_POLICY, TASK, TASKS } from "./task-shapes.ts";

const HEADER = record("document", [
  required("dsl", plainText("version"), "Version of the language."),
  required("namespace", plainText("name"), "Namespace of the workflow."),
  required("name", plainText("name"), "Name of the workflow."),
  required("version", plainText("version"), "Version of the workflow."),
  optional("title", plainText(), "Title of the workflow."),
  optional("summary", plainText(), "Summary of the workflow, in Markdown."),
  optional("tags", PLAIN_MAP, "Tags of the workflow."),
  optional("metadata", PLAIN_MAP, "Further information."),
]);

const EXTENSIONS: NamedListShape = {
  kind: "named-list",
  noun: "extension",
  role: "extensions",
  of: record("extension", [
    required(
      "extend",
      oneOf(
        "call",
        "composite",
        "do",
        "emit",
        "for",
        "fork",
        "listen",
        "raise",
        "run",
        "set",
        "switch",
        "try",
        "wait",
        "all",
      ),
      "Kind of task that is extended.",
    ),
    optional("when", EXPRESSION, "Extends only where this holds."),
    optional("before", TASKS, "Tasks before the extended task."),
    optional("after", TASKS, "Tasks after the extended task."),
  ]),
};

const REUSABLE = { place: "reusable" } as const;

const USE = record("use", [
  optional("authentications", mapOf(AUTHENTICATION_POLICY), "Authentication policies by name.", REUSABLE),
  optional("errors", mapOf(ERROR), "Errors by name.", REUSABLE),
  optional("extensions", EXTENSIONS, "Extensions of tasks.", REUSABLE),
  optional("functions", mapOf(TASK), "Functions by name.", REUSABLE),
  optional("retries", mapOf(RETRY_POLICY), "Retry policies by name.", REUSABLE),
  optional("secrets", listOf(plainText("secret-name")), "Names of the secrets that may be read."),
  optional("timeouts", mapOf(TIMEOUT), "Timeouts by name.", REUSABLE),
  optional(
    "catalogs",
    mapOf(record("catalog", [required("endpoint", ENDPOINT, "Where the catalog is.")])),
    "Catalogs of functions by name.",
    REUSABLE,
  ),
]);

const SCHEDULE = record(
  "schedule",
  [
    optional("every", DURATION, "Starts a run each time this passes."),
    optional("cron", plainText("cron"), "Starts runs by a cron expression."),
    optional("after", DURATION, "Starts again this long after the end."),
    optional("on", EVENT_STRATEGY, "Starts a run on events."),
    optional("read", READ_MODE, "What is taken from the events; only with on."),
  ],
  { onlyWith: [["read", "on"]] },
);

/**
 * The grammar of a workflow definition: DSL 1.0.0 to 1.0.3, its main branch, and `call: agent`.
 *
 * Where versions differ it allows every one of them.
 */
export const WORKFLOW = record(
  "workflow",
  [
    required("document", HEADER, "Identity of the workflow."),
    optional("input", WORKFLOW_INPUT, "Input of the workflow."),
    optional("use", USE, "Components that tasks refer to by name."),
    required("do", TASKS, "The tasks.", { place: "task" }),
    optional("timeout", TIMEOUT_SETTING, "Longest time of a run, or the name of a timeout.", {
      place: "workflow-input",
    }),
    optional("output", WORKFLOW_OUTPUT, "Output of the workflow."),
    optional("schedule", SCHEDULE, "When runs start by themselves.", { place: "workflow-input" }),
    optional(
      "evaluate",
      record("evaluate", [
        optional("language", oneOf("jq"), "Language of expressions."),
        optional("mode", oneOf("strict", "loose"), "Whether expressions need `${ }`; strict by default."),
      ]),
      "How expressions are evaluated.",
    ),
    optional("environment", plainText("not-empty"), "Environment with variables and secrets; an extension of stigmer."),
  ],
  { rest: "warn" },
);
