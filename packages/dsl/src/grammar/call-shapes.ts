import { AUTHENTICATION, ENDPOINT, RESOURCE } from "./connection-shapes.ts";
import { DURATION } from "./data-shapes.ts";
import { asyncApiSubscription } from "./event-shapes.ts";
import {
  BOOLEAN,
  choice,
  DATA,
  DATA_MAP,
  type Field,
  type FieldOptions,
  integer,
  JSON_SCHEMA,
  lazy,
  listOf,
  mapOf,
  oneOf,
  optional,
  plainText,
  record,
  required,
  type Shape,
  text,
  type VariantShape,
} from "./shape.ts";

const HTTP_OUTPUT = optional("output", oneOf("raw", "content", "response"), "What the call gives; content by default.");
const REDIRECT = optional("redirect", BOOLEAN, "Follows redirects; otherwise a redirect is an error.");
const AUTHENTICATION_FIELD = optional(
  "authentication",
  lazy(() => AUTHENTICATION),
  "How to sign in.",
);
const EXPRESSION_OR_MAP = choice({ text: text(), map: DATA_MAP });

const HTTP = record("HTTP call", [
  required("method", text(), "Method, such as get or post."),
  required("endpoint", ENDPOINT, "Where the request goes."),
  optional("headers", EXPRESSION_OR_MAP, "Headers of the request."),
  optional("query", EXPRESSION_OR_MAP, "Parameters of the query."),
  optional("body", DATA, "Body of the request."),
  HTTP_OUTPUT,
  REDIRECT,
]);

const OPENAPI = record("OpenAPI call", [
  required("document", RESOURCE, "The OpenAPI document."),
  required("operationId", text(), "Which operation is called."),
  optional("parameters", DATA_MAP, "Parameters of the operation."),
  AUTHENTICATION_FIELD,
  HTTP_OUTPUT,
  REDIRECT,
]);

const GRPC = record("gRPC call", [
  required("proto", RESOURCE, "The proto file."),
  required(
    "service",
    record("gRPC service", [
      required("name", text(), "Name of the service."),
      required("host", text("host"), "Host of the service."),
      optional("port", { ...integer(0, 65_535), expression: "wrapped" }, "Port of the service."),
      AUTHENTICATION_FIELD,
    ]),
    "The service.",
  ),
  required("method", text(), "Method of the service."),
  optional("arguments", DATA_MAP, "Arguments of the method."),
]);

const ASYNCAPI_PROTOCOL = oneOf(
  ...["amqp", "amqp1", "anypointmq", "googlepubsub", "http", "ibmmq", "jms", "kafka", "mercure", "mqtt", "mqtt5"],
  ...["nats", "pulsar", "redis", "sns", "solace", "sqs", "stomp", "ws"],
);

function asyncApi(tasks: () => Shape): Shape {
  return record(
    "AsyncAPI call",
    [
      required("document", RESOURCE, "The AsyncAPI document."),
      optional("channel", text(), "Channel, for AsyncAPI 2.6."),
      optional("operation", text(), "Operation, for AsyncAPI 3."),
      optional(
        "server",
        record("AsyncAPI server", [
          required("name", text(), "Name of the server."),
          optional("variables", DATA_MAP, "Variables of the server."),
        ]),
        "Which server is used.",
      ),
      optional("protocol", ASYNCAPI_PROTOCOL, "Protocol of the server."),
      optional(
        "message",
        record("message", [
          optional("payload", DATA, "Payload of the message."),
          optional("headers", DATA_MAP, "Headers of the message."),
        ]),
        "The message to publish.",
      ),
      optional("subscription", asyncApiSubscription(tasks), "The messages to read."),
      AUTHENTICATION_FIELD,
    ],
    {
      exactlyOne: [
        ["channel", "operation"],
        ["message", "subscription"],
      ],
    },
  );
}

const A2A = record("A2A call", [
  optional("agentCard", RESOURCE, "The card of the agent."),
  optional("server", ENDPOINT, "The agent's server."),
  required(
    "method",
    oneOf(
      ...["message/send", "message/stream", "tasks/get", "tasks/list", "tasks/cancel", "tasks/resubscribe"],
      ...["tasks/pushNotificationConfig/set", "tasks/pushNotificationConfig/get"],
      ...["tasks/pushNotificationConfig/list", "tasks/pushNotificationConfig/delete"],
      "agent/getAuthenticatedExtendedCard",
    ),
    "The method.",
  ),
  optional("parameters", EXPRESSION_OR_MAP, "Parameters of the method."),
]);

const MCP_TRANSPORT = record(
  "MCP transport",
  [
    optional(
      "http",
      record("MCP over HTTP", [
        required("endpoint", ENDPOINT, "Address of the server."),
        optional("headers", DATA_MAP, "Headers of the requests."),
      ]),
      "Reaches the server over HTTP.",
    ),
    optional(
      "stdio",
      record("MCP over standard streams", [
        required("command", text(), "Command that starts the server."),
        optional("arguments", listOf(text()), "Arguments of the command."),
        optional("environment", mapOf(text(), { names: "environment-name" }), "Variables of the command."),
      ]),
      "Starts the server as a process.",
    ),
    optional("options", DATA_MAP, "Further settings of the transport."),
  ],
  { exactlyOne: [["http", "stdio"]] },
);

const MCP = record("MCP call", [
  optional("protocolVersion", text(), "Version of the protocol."),
  required(
    "method",
    oneOf(
      ...["tools/list", "tools/call", "prompts/list", "prompts/get"],
      ...["resources/list", "resources/read", "resources/templates/list"],
    ),
    "The method.",
  ),
  optional("parameters", EXPRESSION_OR_MAP, "Parameters of the method."),
  optional("timeout", DURATION, "Longest time of the call."),
  required("transport", MCP_TRANSPORT, "How the server is reached."),
  optional(
    "client",
    record("MCP client", [
      required("name", text(), "Name of the client."),
      optional("version", text(), "Version of the client."),
      optional("description", text(), "Spelling of version in the schema of 1.0.3."),
    ]),
    "How this client names itself.",
  ),
]);

const AGENT = record("agent call", [
  required(
    "agent",
    choice({
      text: text("reference"),
      map: record("agent reference", [
        optional("namespace", text("resource-name"), "Namespace of the agent; the workflow's own by default."),
        required("name", text("resource-name"), "Name of the agent."),
      ]),
    }),
    "Which agent runs: its name, namespace/name, or both as fields.",
  ),
  required("message", DATA, "What the agent is asked."),
  optional("workspace", DATA, "Absolute folder in which its tools work; its own empty folder by default."),
  optional("data", DATA, "Data that the agent gets beside the message."),
  optional("session", text("not-empty"), "Conversation that is continued."),
  optional("output", JSON_SCHEMA, "Schema of the answer."),
]);

const APPROVERS = choice({ text: text(), list: listOf(text("not-empty"), 1) });

const HUMAN = record("human call", [
  required("title", text("not-empty"), "What is to be decided, in a line."),
  optional("description", text(), "Whatever helps to decide, in Markdown."),
  optional("outcomes", listOf(plainText("not-empty"), 1), "Possible decisions; approve and reject by default."),
  optional("form", JSON_SCHEMA, "Schema of the data that comes with a decision."),
  optional("data", DATA, "Data that is shown."),
  optional("approvers", APPROVERS, "Who may decide; anybody by default."),
  optional(
    "timeout",
    record("human timeout", [
      required("after", DURATION, "How long a decision is waited for."),
      optional("outcome", plainText("not-empty"), "The outcome then; without it the task ends with a timeout error."),
    ]),
    "What happens without a decision.",
  ),
  optional(
    "escalation",
    record("escalation", [
      required("after", DURATION, "How long the first approvers have for themselves."),
      required("approvers", APPROVERS, "Who may decide then, too."),
    ]),
    "Who is asked next.",
  ),
]);

/** The call tasks by protocol; any other name is a function. */
export function callVariants(taskFields: readonly Field[], tasks: () => Shape): VariantShape {
  const call = required("call", plainText("not-empty"), "Protocol or function that is called.");
  const protocol = (
    name: string,
    shape: Shape,
    options: FieldOptions = { isEffect: true },
  ): readonly [string, Shape] => [
    name,
    record(`${name} call task`, [call, required("with", shape, "Arguments of the call.", options), ...taskFields]),
  ];
  return {
    kind: "variant",
    noun: "call",
    by: "call",
    variants: [
      protocol("http", HTTP),
      protocol("openapi", OPENAPI),
      protocol("grpc", GRPC),
      protocol("asyncapi", asyncApi(tasks)),
      protocol("a2a", A2A),
      protocol("mcp", MCP),
      protocol("agent", AGENT, {}),
      protocol("human", HUMAN, {}),
    ],
    otherwise: record("function call task", [
      call,
      optional("with", DATA_MAP, "Arguments of the function."),
      ...taskFields,
    ]),
  };
}
