import {
  type AsyncApiArguments,
  type AsyncApiCallTask,
  type AsyncApiSubscription,
  type Json,
  unwrapExpression,
  variablesOf,
} from "@stigmer/dsl";
import { signIn } from "../authentication.ts";
import { resourceOf } from "../connections.ts";
import { crashClass } from "../crash-class.ts";
import type { ItemsBody } from "../cursor.ts";
import { durationMs, effectArguments, inDefinition } from "../data-flow.ts";
import { answered, Directed, keyOf, type Outcome, type TaskFrame } from "../frame.ts";
import { beginItem, workOnItem } from "../iterate-items.ts";
import { isList, present } from "../json.ts";
import type { Step } from "../step.ts";
import { taskVariables } from "../variables.ts";

/**
 * Publishes a message, or reads messages from a channel. What was read is the output, or what `foreach` made of it: the
 * messages are worked on once the reading is over.
 */
export function* callAsyncApi(frame: TaskFrame, task: AsyncApiCallTask): Step<Outcome> {
  const body = yield* bodyOf(frame, task);
  const iterator = task.with.subscription?.foreach;
  if (iterator === undefined || !isList(body.result)) return body.result;
  for (const { result } = body; body.outputs.length < result.length; body.item = undefined) {
    const index = body.outputs.length;
    body.item ??= beginItem(frame, result[index] ?? null);
    const outcome = yield* workOnItem(frame, {
      iterator,
      index,
      item: body.item,
      pointer: `${frame.reference}/with/subscription/foreach/do`,
    });
    if (outcome instanceof Directed) return outcome;
    body.outputs.push(outcome);
  }
  return [...body.outputs];
}

function* bodyOf(frame: TaskFrame, task: AsyncApiCallTask): Step<ItemsBody> {
  const { cursor } = frame;
  if (cursor.body?.kind === "items") return cursor.body;
  const input = inputOf(frame, task.with);
  const crash = crashClass(task, "repeat");
  const result = yield* answered(frame, frame.durable.effect({ key: keyOf(frame), kind: "asyncapi", input, crash }));
  const body: ItemsBody = { kind: "items", result, outputs: [], item: undefined };
  cursor.body = body;
  return body;
}

function inputOf(frame: TaskFrame, { document, authentication, subscription, ...rest }: AsyncApiArguments): Json {
  const { rewrite } = frame.run;
  const written = Object.entries(rest).map(([name, value]): [string, Json] => [name, effectArguments(frame, value)]);
  return present({
    document: resourceOf(inDefinition(frame), document),
    ...Object.fromEntries(written),
    subscription: subscription === undefined ? undefined : subscriptionOf(frame, subscription),
    authentication: authentication === undefined ? undefined : signIn(frame, authentication),
    rewrite: rewrite.length === 0 ? undefined : rewrite,
  });
}

function subscriptionOf(frame: TaskFrame, { filter, consume }: AsyncApiSubscription): Json {
  return present({
    filter: conditionOf(frame, filter),
    consume: present({
      amount: consume.amount,
      forMs: consume.for === undefined ? undefined : durationMs(frame, consume.for),
      while: conditionOf(frame, consume.while),
      until: conditionOf(frame, consume.until),
    }),
  });
}

/** A condition that the effect asks of each message, with the variables it reads as they are now. */
function conditionOf(frame: TaskFrame, text: string | undefined): Json | undefined {
  if (text === undefined) return undefined;
  const known = taskVariables(frame, "definition");
  const names = variablesOf(text).filter((name) => Object.hasOwn(known, name));
  // By way of expressions, so that data which looks like an expression of ours stays data.
  const variables = effectArguments(frame, Object.fromEntries(names.map((name) => [name, `\${ $${name} }`])));
  return { expression: unwrapExpression(text).trim(), variables };
}
