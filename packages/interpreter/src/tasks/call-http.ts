import type { HttpArguments, HttpCallTask, Json } from "@stigmer/dsl";
import { signIn } from "../authentication.ts";
import { addressOf } from "../connections.ts";
import { crashClass } from "../crash-class.ts";
import { effectArguments, evaluateValue, inDefinition } from "../data-flow.ts";
import { standardFault } from "../fault.ts";
import { answered, keyOf, type Outcome, type TaskFrame } from "../frame.ts";
import { present } from "../json.ts";
import type { Step } from "../step.ts";

/** Methods that may be asked again before the last answer is on disk. */
const READS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

/** Calls a service over HTTP. */
export function* callHttp(frame: TaskFrame, task: HttpCallTask): Step<Outcome> {
  const method = yield* methodOf(frame, task.with);
  const { endpoint } = task.with;
  const authentication = typeof endpoint === "string" ? undefined : endpoint.authentication;
  const policy = authentication === undefined ? undefined : signIn(frame, authentication);
  const reads = READS.has(method);
  const input = present({
    method,
    uri: addressOf(inDefinition(frame), typeof endpoint === "string" ? endpoint : endpoint.uri),
    ...argumentsOf(frame, task.with),
    output: task.with.output ?? "content",
    redirect: task.with.redirect ?? false,
    authentication: policy,
    idempotencyKey: reads ? undefined : true,
    idempotencyScope: reads ? undefined : frame.cursor.scope,
    rewrite: frame.run.rewrite.length === 0 ? undefined : frame.run.rewrite,
  });
  const crash = crashClass(task, reads ? "safe" : "repeat");
  return yield* answered(frame, frame.durable.effect({ key: keyOf(frame), kind: "http", input, crash }));
}

function* methodOf(frame: TaskFrame, args: HttpArguments): Step<string> {
  const method = yield* evaluateValue(frame, args.method);
  if (typeof method === "string" && /^[A-Za-z]{1,20}$/.test(method)) return method.toUpperCase();
  throw standardFault({
    error: "configuration",
    detail: `Cannot call a service with method ${JSON.stringify(method)}`,
  });
}

function argumentsOf(frame: TaskFrame, { headers, query, body }: HttpArguments) {
  const evaluated = (value: Json | undefined) => (value === undefined ? undefined : effectArguments(frame, value));
  return { headers: evaluated(headers), query: evaluated(query), body: evaluated(body) };
}
