import { DURATION } from "./data-shapes.ts";
import {
  BOOLEAN,
  choice,
  type Field,
  integer,
  JSON_SCHEMA,
  listOf,
  mapOf,
  type NumberShape,
  oneOf,
  optional,
  PLAIN_DATA,
  PLAIN_MAP,
  plainText,
  record,
  required,
  type Shape,
  type VariantShape,
} from "./shape.ts";

const ENVIRONMENT_REFERENCE = optional(
  "environment",
  plainText("resource-name"),
  "Environment with variables and secrets.",
);

const SECRET = record("secret reference of a resource", [
  required("secret", plainText("secret-name"), "Name of the secret."),
]);
const VARIABLES = mapOf(choice({ text: plainText(), map: SECRET }), { names: "environment-name" });
const TEMPERATURE: NumberShape = { kind: "number", minimum: 0, maximum: 2 };

const MODEL_FIELDS: readonly Field[] = [
  required("provider", plainText(), "Who runs the model."),
  optional("baseUrl", plainText("uri"), "Address of the provider; its own by default."),
  optional("apiKey", SECRET, "The secret with the key, as {secret: NAME}."),
  optional("temperature", TEMPERATURE, "How much chance is in the answers."),
  optional("maxOutputTokens", integer(1), "Longest answer in tokens."),
  optional("contextTokens", integer(1), "Size of the context, where the provider lets us choose."),
];
const MODEL_NAME = required("name", plainText("not-empty"), "Name of the model, as the provider writes it.");

function model(provider: string, extra: readonly Field[] = []): readonly [string, Shape] {
  return [provider, record(`${provider} model`, [...MODEL_FIELDS.filter(isNotIn(extra)), ...extra])];
}

function isNotIn(fields: readonly Field[]): (field: Field) => boolean {
  return ({ name }) => !fields.some((field) => field.name === name);
}

const MODEL: VariantShape = {
  kind: "variant",
  noun: "model",
  by: "provider",
  variants: [
    model("anthropic", [MODEL_NAME]),
    model("openai", [MODEL_NAME]),
    model("openai-compatible", [MODEL_NAME, required("baseUrl", plainText("uri"), "Address of the server.")]),
    model("ollama", [MODEL_NAME]),
    model("scripted", [
      optional("name", plainText(), "Name that is shown."),
      required("turns", listOf(PLAIN_DATA), "What it says, one turn after the other."),
      optional("loop", BOOLEAN, "Begins again after the last turn."),
    ]),
  ],
};

const MCP_SERVER_FIELDS: readonly Field[] = [
  optional("transport", oneOf("stdio"), "How the server is reached; stdio, the only one yet."),
  required("command", plainText("not-empty"), "Command that starts the server."),
  optional("args", listOf(plainText()), "Arguments of the command."),
  optional("env", VARIABLES, "Variables of the command: texts, or {secret: NAME}."),
  optional("enabledTools", listOf(plainText("not-empty")), "Tools that agents may see; all by default."),
];

const AGENT = record("agent", [
  optional("description", plainText(), "What the agent is for."),
  required("instructions", plainText("not-empty"), "What the agent is told to do."),
  required("model", MODEL, "The model that thinks."),
  optional("tools", listOf(oneOf("list_files", "read_file", "search_files")), "Built-in tools the agent may use."),
  optional(
    "mcpServers",
    listOf(
      choice({
        text: plainText("reference"),
        map: record("MCP server of an agent", [
          required("name", plainText("resource-name"), "Name of the server."),
          ...MCP_SERVER_FIELDS,
        ]),
      }),
    ),
    "MCP servers whose tools the agent may use: names of resources, or servers of its own.",
  ),
  optional("outputSchema", JSON_SCHEMA, "Schema of the answer."),
  optional(
    "limits",
    record("limits", [
      optional("steps", integer(1), "Most calls of the model in a turn."),
      optional("tokens", integer(1), "Most tokens in a turn."),
      optional("time", DURATION, "Longest time of a turn."),
    ]),
    "What one turn may use.",
  ),
  optional("workspace", plainText("not-empty"), "Folder in which the tools work."),
  ENVIRONMENT_REFERENCE,
]);

const ENVIRONMENT = record("environment", [
  optional("description", plainText(), "What the environment is for."),
  optional("variables", mapOf(PLAIN_DATA, { names: "secret-name" }), "Values that anybody may read."),
  optional("secrets", mapOf(PLAIN_DATA, { names: "secret-name" }), "Values that only running work may read."),
]);

const LABELS = mapOf(plainText());

const METADATA_FIELDS: readonly Field[] = [
  optional("namespace", plainText("resource-name"), "Namespace of the resource; default by default."),
  required("name", plainText("resource-name"), "Name of the resource."),
  optional("labels", LABELS, "Labels to find it by."),
  optional("annotations", LABELS, "Notes about it."),
];

function resource(kind: string, spec: Shape, metadata: Field): readonly [string, Shape] {
  return [
    kind,
    record(`${kind} resource`, [
      required("apiVersion", oneOf("stigmer.ai/v1"), "Version of the envelope."),
      required("kind", plainText(), "Kind of the resource."),
      metadata,
      required("spec", spec, "The resource itself."),
      optional("status", PLAIN_MAP, "What the server knows about it; ignored."),
    ]),
  ];
}

const METADATA = required("metadata", record("metadata", METADATA_FIELDS), "Identity of the resource.");
const WORKFLOW_METADATA = optional(
  "metadata",
  record(
    "metadata",
    METADATA_FIELDS.map((field) => ({ ...field, isRequired: false })),
  ),
  "Labels of the workflow; its identity stands in its document.",
);

/** The envelope of a resource, by its kind. The spec of a workflow is checked by the grammar of workflows. */
export const RESOURCE_ENVELOPE: VariantShape = {
  kind: "variant",
  noun: "kind of resource",
  by: "kind",
  variants: [
    resource("Agent", AGENT, METADATA),
    resource("McpServer", record("MCP server", MCP_SERVER_FIELDS), METADATA),
    resource("Environment", ENVIRONMENT, METADATA),
    resource("Workflow", PLAIN_MAP, WORKFLOW_METADATA),
  ],
};
