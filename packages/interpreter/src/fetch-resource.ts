import type { Json } from "@stigmer/dsl";
import type { Evaluation } from "./evaluation.ts";
import { property } from "./json.ts";
import { nextRun } from "./run.ts";
import { type Step, settled } from "./step.ts";

/** A document to read. */
export interface FetchResourceParams {
  /** As `sourceOf` gives it. */
  readonly endpoint: Json;
  readonly as: "text" | "data";
}

/** Reads a document kept elsewhere; a run reads each one once and keeps to what it read. */
export function* fetchResource(evaluation: Evaluation, { endpoint, as }: FetchResourceParams): Step<Json> {
  const { run, durable, pointer } = evaluation;
  const input = { endpoint, as, ...(run.rewrite.length === 0 ? {} : { rewrite: run.rewrite }) };
  const name = `${as} ${JSON.stringify(property(endpoint, "uri") ?? endpoint)}`;
  const known = run.state.resources.get(name);
  if (known !== undefined) return known;
  const place = `${pointer}/resource`;
  const key = `${place}#${nextRun(run.state, place)}`;
  const value = yield* settled(durable.effect({ key, kind: "resource", input, crash: "safe" }));
  run.state.resources.set(name, value);
  return value;
}
