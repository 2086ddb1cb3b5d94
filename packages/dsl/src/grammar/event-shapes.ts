import { DURATION, TASK_EXPORT, TASK_OUTPUT } from "./data-shapes.ts";
import {
  choice,
  DATA,
  EXPRESSION,
  type Field,
  integer,
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
} from "./shape.ts";

const EVENT_FIELDS: readonly Field[] = [
  optional("id", text(), "Id of the event."),
  optional("source", text(), "Where the event happened, a URI."),
  optional("type", text(), "What happened, such as com.example.order.placed.v1."),
  optional("time", text(), "When it happened."),
  optional("subject", text(), "What it is about."),
  optional("datacontenttype", text(), "Content type of the data."),
  optional("dataschema", text(), "Schema of the data, a URI."),
  optional("data", DATA, "The data."),
];

/** An event to publish. */
export const EMITTED_EVENT = record(
  "event",
  EVENT_FIELDS.map((field) => {
    if (field.name === "type") return { ...field, isRequired: true };
    if (field.name === "time") return { ...field, shape: text("date-time") };
    return field.name === "source" || field.name === "dataschema" ? { ...field, shape: text("uri") } : field;
  }),
  { rest: DATA },
);

/** How an event is read. */
export const READ_MODE = oneOf("data", "envelope", "raw");

const EVENT_FILTER = record("event filter", [
  required(
    "with",
    record("event attributes", EVENT_FIELDS, { rest: DATA, minimum: 1 }),
    "Attributes events must have.",
  ),
  optional(
    "correlate",
    mapOf(
      record("correlation", [
        required("from", EXPRESSION, "Takes the key from the event."),
        optional("expect", text(), "The key that is expected; the first one seen by default."),
      ]),
    ),
    "Keys that the events must share.",
  ),
]);

const STRATEGY_FIELDS: readonly Field[] = [
  optional("all", listOf(EVENT_FILTER), "Waits for all of these events."),
  optional("any", listOf(EVENT_FILTER), "Waits for any of these events; for every event when empty."),
  optional("one", EVENT_FILTER, "Waits for this event."),
];

/** `until` of a strategy cannot have an `until` itself. */
const UNTIL_STRATEGY = record("event strategy of until", STRATEGY_FIELDS, { exactlyOne: [["all", "any", "one"]] });

/** Which events are waited for. */
export const EVENT_STRATEGY = record(
  "event strategy",
  [
    ...STRATEGY_FIELDS,
    optional("until", choice({ text: EXPRESSION, map: UNTIL_STRATEGY }), "When to stop listening; only with any."),
  ],
  { exactlyOne: [["all", "any", "one"]], onlyWith: [["until", "any"]] },
);

/** Work for each event or message; needs the grammar of tasks. */
export function subscriptionIterator(tasks: () => Shape): Shape {
  return record(
    "subscription iterator",
    [
      optional("item", plainText("variable"), "Name of the variable with the event; item by default."),
      optional("at", plainText("variable"), "Name of the variable with the index; index by default."),
      optional("do", lazy(tasks), "Tasks for each event."),
      optional("output", TASK_OUTPUT, "What each event gives."),
      optional("export", TASK_EXPORT, "What each event leaves in the context."),
    ],
    {
      binds: [
        { from: ["item"], fallback: "item", within: ["do", "output", "export"] },
        { from: ["at"], fallback: "index", within: ["do", "output", "export"] },
      ],
    },
  );
}

/** Messages to read from a channel; needs the grammar of tasks. */
export function asyncApiSubscription(tasks: () => Shape): Shape {
  return record("subscription", [
    optional("filter", EXPRESSION, "Messages that count."),
    required(
      "consume",
      record(
        "consumption",
        [
          optional("for", DURATION, "How long messages are read."),
          optional("amount", integer(1), "How many messages are read."),
          optional("while", EXPRESSION, "Reads while this holds, asked after each message."),
          optional("until", EXPRESSION, "Reads until this holds, asked before each message."),
        ],
        { exactlyOne: [["amount", "while", "until"]] },
      ),
      "How many messages are read.",
    ),
    optional("foreach", subscriptionIterator(tasks), "Work for each message."),
  ]);
}
