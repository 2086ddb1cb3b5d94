import type { Json } from "@stigmer/durable";
import { evaluateExpression } from "../evaluate-expression.ts";
import { failure, stopped } from "../fail.ts";
import type { HttpScope } from "../http/request-http.ts";
import { InputReader, isObject, type JsonObject } from "../read-input.ts";
import { lookUpPointer } from "../resources/references.ts";
import type { Channel, InboundMessage } from "./channel.ts";
import { invalid, type Target } from "./target.ts";

/** An expression without `${ }`, with the values of the variables that it reads. */
interface Condition {
  readonly expression: string;
  readonly variables: JsonObject;
}

/** How many messages are taken, and which. */
export interface Subscription {
  readonly filter: Condition | undefined;
  readonly amount: number | undefined;
  readonly forMs: number | undefined;
  readonly while: Condition | undefined;
  readonly until: Condition | undefined;
}

/**
 * Reads `{filter?, consume: {amount?, forMs?, while?, until?}}`; conditions are `{expression, variables}`.
 *
 * @throws {DurableFailure} `configuration` when it would never end
 */
export function readSubscription(subscription: JsonObject): Subscription {
  const reader = new InputReader(
    "call: asyncapi: consume",
    new InputReader("call: asyncapi: subscription", subscription).map("consume"),
  );
  const count = (name: string) => {
    const value = reader.value(name);
    if (value === undefined || value === null) return undefined;
    if (typeof value === "number" && value >= 0) return value;
    throw invalid(`"${name}" must be a number that is not negative`);
  };
  const read = {
    filter: readCondition("filter", subscription.filter),
    amount: count("amount"),
    forMs: count("forMs"),
    while: readCondition("while", reader.value("while")),
    until: readCondition("until", reader.value("until")),
  };
  if (read.amount === undefined && read.forMs === undefined && !read.while && !read.until) {
    throw invalid('"consume" needs one of amount, for, while and until');
  }
  return read;
}

function readCondition(name: string, value: Json | undefined): Condition | undefined {
  if (value === undefined || value === null) return undefined;
  const reader = new InputReader(`call: asyncapi: ${name}`, value);
  return { expression: reader.text("expression"), variables: reader.map("variables") };
}

/**
 * Takes messages until the subscription has what it wants, its time is over, or the other side ends. The message with
 * which `while` becomes false is left out, the one with which `until` becomes true is the last one.
 *
 * @throws {DurableFailure} `expression` when a condition fails, `communication` when the connection breaks or too much comes
 */
export async function consume(
  subscription: Subscription,
  target: Target,
  open: (signal: AbortSignal) => Promise<Channel>,
  scope: HttpScope,
): Promise<Json> {
  const { signal } = scope.context;
  const messages: Json[] = [];
  const time = new AbortController();
  const timer = subscription.forMs === undefined ? undefined : setTimeout(() => time.abort(), subscription.forMs);
  try {
    if (subscription.amount === 0) return messages;
    const channel = await open(AbortSignal.any([signal, time.signal]));
    try {
      await take(subscription, target, channel, messages, scope.options.limits.maxContentBytes);
    } finally {
      await channel.close();
    }
  } catch (error) {
    // Its own time is no failure, whatever was broken off by it.
    if (!time.signal.aborted || signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
  }
  if (signal.aborted) throw stopped("call: asyncapi");
  return messages;
}

async function take(
  subscription: Subscription,
  target: Target,
  channel: Channel,
  messages: Json[],
  maxBytes: number,
): Promise<void> {
  let sizeBytes = 0;
  for await (const inbound of channel.receive()) {
    const message = withCorrelation(inbound, target.correlation);
    if (subscription.filter && !holds(subscription.filter, message)) continue;
    if (subscription.while && !holds(subscription.while, message)) return;
    sizeBytes += JSON.stringify(message).length;
    if (sizeBytes > maxBytes) {
      throw failure("communication", {
        detail: `The messages of ${target.url.host} are larger than ${maxBytes} bytes together`,
        retryable: false,
      });
    }
    messages.push(message);
    if (messages.length === subscription.amount) return;
    if (subscription.until && holds(subscription.until, message)) return;
  }
}

function holds({ expression, variables }: Condition, message: Json): boolean {
  const value = evaluateExpression(expression, message, variables);
  return value !== false && value !== null;
}

/** @see AsyncAPI 3.0, "Correlation ID Object" */
function withCorrelation(message: InboundMessage, location: string | undefined): JsonObject {
  const found = /^\$message\.(header|payload)#(\/.*)$/.exec(location ?? "");
  const { payload, headers } = message;
  if (found === null) return { payload, headers };
  const part = found[1] === "header" ? headers : payload;
  const value = isObject(part) ? lookUpPointer(part, `#${found[2]}`) : undefined;
  return { payload, headers, ...(value === undefined ? {} : { correlationId: value }) };
}
