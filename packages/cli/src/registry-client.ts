import type { CommandDefinition, OptionDefinition } from "./command.ts";
import { OUTPUT_OPTIONS } from "./print.ts";

const NAMESPACE: OptionDefinition = {
  flags: "-n, --namespace <namespace>",
  description: "namespace; default when absent",
};
const FILES: OptionDefinition = {
  flags: "-f, --filename <file>",
  description: "a file or folder of documents; - is standard input",
  isRepeatable: true,
};
const LABEL: OptionDefinition = {
  flags: "-l, --label <name=value>",
  description: "label; may be given several times",
  isRepeatable: true,
};
const ETAG: OptionDefinition = { flags: "--etag <etag>", description: "write only if this is still the etag" };
const ENVIRONMENT: OptionDefinition = {
  flags: "-e, --environment <name>",
  description: "environment; default when absent",
};
const KIND = { name: "<kind>", description: "workflow, agent, mcpserver, environment or execution" };
const ID = { name: "<id>", description: "id of the execution" };

/** Commands about resources. */
export const RESOURCE_COMMANDS: readonly CommandDefinition[] = [
  {
    name: "apply",
    summary: "Create or change resources from documents",
    arguments: [{ name: "[files...]", description: "files of documents, like -f" }],
    options: [
      FILES,
      { flags: "--dry-run", description: "say what would happen, change nothing" },
      ETAG,
      NAMESPACE,
      ...OUTPUT_OPTIONS,
    ],
    examples: [
      "stigmer apply -f examples/data-flow/workflow.yaml",
      "stigmer apply -f examples/data-flow/workflow.yaml --dry-run",
    ],
    load: () => import("./commands/apply.ts"),
  },
  {
    name: "validate",
    summary: "Check documents without a server",
    arguments: [{ name: "[files...]", description: "files of documents, like -f" }],
    options: [FILES, ...OUTPUT_OPTIONS],
    examples: [
      "stigmer validate examples/data-flow/workflow.yaml",
      "stigmer validate examples/data-flow/workflow.yaml --json",
    ],
    load: () => import("./commands/validate.ts"),
  },
  {
    name: "diff",
    summary: "Show what an apply would change; exit 1 when something would",
    arguments: [{ name: "[files...]", description: "files of documents, like -f" }],
    options: [FILES, NAMESPACE],
    examples: ["stigmer diff -f examples/data-flow/workflow.yaml"],
    load: () => import("./commands/diff.ts"),
  },
  {
    name: "get",
    summary: "Print one resource or execution",
    arguments: [KIND, { name: "[name]", description: "[namespace/]name[:version], or an id" }],
    options: [
      NAMESPACE,
      { flags: "--revision <number>", description: "an older revision" },
      { flags: "--source", description: "the document as it was applied" },
      ...OUTPUT_OPTIONS,
    ],
    examples: ["stigmer get workflow data-flow", "stigmer get workflow data-flow --source"],
    load: () => import("./commands/get.ts"),
  },
  {
    name: "list",
    summary: "List resources, or executions",
    arguments: [
      {
        name: "[kind]",
        description: "workflow, agent, mcpserver, environment or execution; all resources when absent",
      },
    ],
    options: [
      NAMESPACE,
      LABEL,
      { flags: "--limit <rows>", description: "so many rows at most; 500 when absent" },
      { flags: "--name <name>", description: "executions of this workflow or agent" },
      { flags: "--phase <phase>", description: "executions in this phase", isRepeatable: true },
      { flags: "--session <id>", description: "executions of this session" },
      ...OUTPUT_OPTIONS,
    ],
    examples: ["stigmer list", "stigmer list executions --phase completed -o jsonl"],
    load: () => import("./commands/list.ts"),
  },
  {
    name: "describe",
    summary: "Everything about one resource or execution",
    arguments: [
      { name: "<kind>", description: "a kind, or the id of an execution" },
      { name: "[name]", description: "[namespace/]name" },
    ],
    options: [NAMESPACE, ...OUTPUT_OPTIONS],
    examples: ["stigmer describe workflow data-flow"],
    load: () => import("./commands/describe.ts"),
  },
  {
    name: "delete",
    summary: "Delete a resource",
    arguments: [KIND, { name: "<name>", description: "[namespace/]name" }],
    options: [NAMESPACE, ETAG],
    examples: ["stigmer delete workflow data-flow"],
    load: () => import("./commands/delete.ts"),
  },
  {
    name: "search",
    summary: "Search names, labels and documents",
    arguments: [{ name: "<words...>", description: "words that must occur" }],
    options: [NAMESPACE, { flags: "--kind <kind>", description: "only this kind" }, ...OUTPUT_OPTIONS],
    examples: ["stigmer search orders"],
    load: () => import("./commands/search.ts"),
  },
  {
    name: "secret set",
    summary: "Write a secret; its value is read from standard input or a file",
    arguments: [
      { name: "<name>", description: "name of the secret" },
      { name: "[value]", description: "refused: others could read it" },
    ],
    options: [
      ENVIRONMENT,
      NAMESPACE,
      { flags: "--from-file <file>", description: "file with the value" },
      { flags: "--json-value", description: "the value is JSON, not text" },
    ],
    examples: ["printf %s s3cret | stigmer secret set API_KEY"],
    load: () => import("./commands/secret-set.ts"),
  },
  {
    name: "secret list",
    summary: "List the names of secrets",
    options: [ENVIRONMENT, NAMESPACE, ...OUTPUT_OPTIONS],
    examples: ["stigmer secret list"],
    load: () => import("./commands/secret-list.ts"),
  },
  {
    name: "secret delete",
    summary: "Delete a secret",
    arguments: [{ name: "<name>", description: "name of the secret" }],
    options: [ENVIRONMENT, NAMESPACE],
    examples: ["stigmer secret delete API_KEY"],
    load: () => import("./commands/secret-delete.ts"),
  },
];

/** Commands about executions, sessions and events. */
export const EXECUTION_COMMANDS: readonly CommandDefinition[] = [
  {
    name: "run",
    summary: "Run a workflow or an agent and follow it",
    arguments: [{ name: "[name]", description: "[namespace/]name[:version] of a workflow or an agent" }],
    options: [
      { flags: "-f, --filename <file>", description: "run this document without applying it" },
      { flags: "-i, --input <input>", description: "a file, - for standard input, or JSON" },
      { flags: "-m, --message <text>", description: "what an agent is told" },
      { flags: "--session <id>", description: "go on with this conversation" },
      { flags: "--workspace <folder>", description: "folder that an agent's tools work in" },
      ENVIRONMENT,
      NAMESPACE,
      LABEL,
      { flags: "-d, --detach", description: "start it and print its id" },
      { flags: "--idempotency-key <key>", description: "the same key never starts a second execution" },
      { flags: "--local", description: "run the file in this process, without a server" },
      { flags: "--virtual-time", description: "with --local: skip waits" },
      { flags: "--secrets <file>", description: "with --local: a map of names to values" },
      { flags: "--events <file>", description: "with --local: a list of {afterMs, event}" },
      { flags: "--subflows <folder>", description: "further definitions that the file may call" },
      {
        flags: "--rewrite <from=to>",
        description: "with --local: map an origin of URLs to another",
        isRepeatable: true,
      },
      { flags: "--strict-secrets", description: "with --local: a secret that becomes data is an error" },
      ...OUTPUT_OPTIONS,
    ],
    examples: [
      "stigmer run data-flow --input examples/data-flow/input.json",
      "stigmer run --local -f examples/data-flow/workflow.yaml --input examples/data-flow/input.json --json",
    ],
    load: () => import("./commands/run.ts"),
  },
  {
    name: "watch",
    summary: "Follow an execution to its end",
    arguments: [ID],
    options: OUTPUT_OPTIONS,
    examples: ["stigmer watch wex_01J00000000000000000000000"],
    load: () => import("./commands/watch.ts"),
  },
  {
    name: "cancel",
    summary: "Cancel an execution",
    arguments: [ID],
    options: [
      { flags: "--force", description: "end it at once, without waiting for running effects" },
      { flags: "--reason <text>", description: "why; stands in its event log" },
    ],
    examples: ["stigmer cancel wex_01J00000000000000000000000"],
    load: () => import("./commands/cancel.ts"),
  },
  {
    name: "pause",
    summary: "Pause an execution: what runs ends, nothing new starts",
    arguments: [ID],
    examples: ["stigmer pause wex_01J00000000000000000000000"],
    load: () => import("./commands/pause.ts"),
  },
  {
    name: "resume",
    summary: "Let a paused or suspended execution go on",
    arguments: [ID],
    examples: ["stigmer resume wex_01J00000000000000000000000"],
    load: () => import("./commands/resume.ts"),
  },
  {
    name: "decisions",
    summary: "List the questions that nobody has answered yet",
    arguments: [{ name: "[id]", description: "only of this execution" }],
    options: [
      NAMESPACE,
      { flags: "--approver <name>", description: "only those that this person may answer" },
      ...OUTPUT_OPTIONS,
    ],
    examples: ["stigmer decisions", "stigmer decisions --approver ada"],
    load: () => import("./commands/decisions.ts"),
  },
  {
    name: "decide",
    summary: "Answer a question that an execution asks people",
    arguments: [ID, { name: "<outcome>", description: "one of the outcomes of the question" }],
    options: [
      {
        flags: "--task <task>",
        description: "which question, by key, reference or name; needed where several are open",
      },
      { flags: "--by <name>", description: "who decides; the user of this machine when absent" },
      { flags: "--data <data>", description: "data for the form: a file, - for standard input, or JSON" },
      ...OUTPUT_OPTIONS,
    ],
    examples: ["stigmer decide wex_01J00000000000000000000000 approve --by ada"],
    load: () => import("./commands/decide.ts"),
  },
  {
    name: "event publish",
    summary: "Publish a CloudEvent",
    options: [
      { flags: "-f, --filename <file>", description: "a file with a whole CloudEvent" },
      { flags: "--type <type>", description: "type of the event" },
      { flags: "--source <uri>", description: "where it comes from" },
      { flags: "--id <id>", description: "the same source and id are published once" },
      { flags: "--subject <text>", description: "what it is about" },
      { flags: "--data <data>", description: "a file, - for standard input, or JSON" },
      ...OUTPUT_OPTIONS,
    ],
    examples: [`stigmer event publish --type order.placed --data '{"order": 7}'`],
    load: () => import("./commands/event-publish.ts"),
  },
  {
    name: "event list",
    summary: "List published events of the last 24 hours",
    options: OUTPUT_OPTIONS,
    examples: ["stigmer event list"],
    load: () => import("./commands/event-list.ts"),
  },
  {
    name: "session list",
    summary: "List conversations",
    options: [NAMESPACE, { flags: "--agent <name>", description: "only of this agent" }, ...OUTPUT_OPTIONS],
    examples: ["stigmer session list"],
    load: () => import("./commands/session-list.ts"),
  },
  {
    name: "session show",
    summary: "Print the messages of a conversation",
    arguments: [{ name: "<id>", description: "id of the session" }],
    options: OUTPUT_OPTIONS,
    examples: ["stigmer session show ses_01J00000000000000000000000"],
    load: () => import("./commands/session-show.ts"),
  },
  {
    name: "session delete",
    summary: "Delete a conversation and its memory",
    arguments: [{ name: "<id>", description: "id of the session" }],
    examples: ["stigmer session delete ses_01J00000000000000000000000"],
    load: () => import("./commands/session-delete.ts"),
  },
  {
    name: "backup",
    summary: "Write a verified copy of the data while everything runs",
    arguments: [{ name: "<path>", description: "a path that does not exist yet" }],
    options: [{ flags: "--with-key", description: "put the key of the secrets into the copy" }, ...OUTPUT_OPTIONS],
    examples: ["stigmer backup ./stigmer-backup"],
    load: () => import("./commands/backup.ts"),
  },
  {
    name: "restore",
    summary: "Put a backup in the place of the data, while nothing runs",
    arguments: [{ name: "<path>", description: "a folder that backup wrote" }],
    options: OUTPUT_OPTIONS,
    examples: ["stigmer restore ./stigmer-backup"],
    load: () => import("./commands/restore.ts"),
  },
];
