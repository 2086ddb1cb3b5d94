import type { Json } from "@stigmer/durable";
import type { EffectContext } from "./effect-context.ts";
import { failure } from "./fail.ts";
import { isList, isObject, type JsonObject } from "./read-input.ts";
import type { SensitiveValues } from "./sensitive-values.ts";

/**
 * Evaluates an expression (without `${ }`) to its first output.
 *
 * @throws {DurableFailure} `expression` when it cannot be evaluated
 */
export type EvaluateExpression = (expression: string, input: Json, variables: JsonObject) => Json;

/** An expression that reads `$secrets`: it travelled unevaluated with the data that it reads. */
interface Deferred {
  readonly expression: string;
  readonly input: Json;
  readonly variables: JsonObject;
}

/** What a deferred value needs: the door to the secrets, the evaluator, and where to remember their values. */
export interface ResolveDeferredParams {
  readonly context: EffectContext;
  readonly evaluate: EvaluateExpression;
  readonly sensitive: SensitiveValues;
}

/**
 * Replaces every `{"$deferred": …}` in `value` by what its expression gives with `$secrets` added. Data that came from
 * outside and looks like that stands as `{"$literal": data}` and is taken as it is: nobody can smuggle an expression in.
 */
export async function resolveDeferred(value: Json, params: ResolveDeferredParams): Promise<Json> {
  const found: Deferred[] = [];
  collect(value, found);
  const secrets = found.length === 0 ? {} : await resolveSecrets(found, params);
  return replace(value, (deferred) =>
    params.evaluate(deferred.expression, deferred.input, { ...deferred.variables, secrets }),
  );
}

/** Names of secrets that an expression reads literally, and whether it also reads them by a computed name. */
export function secretNames(expression: string): { readonly names: readonly string[]; readonly isComputed: boolean } {
  const names: string[] = [];
  const rest = expression.replace(LITERAL_NAME, (_, bare?: string, quoted?: string, bracketed?: string) => {
    names.push(bare ?? quoted ?? bracketed ?? "");
    return "";
  });
  return { names: [...new Set(names)], isComputed: rest.includes("$secrets") };
}

// `$secrets.name`, `$secrets."name"` and `$secrets["name"]`. The pattern is ours and has no nested repetition.
const LITERAL_NAME = /\$secrets\s*(?:\.\s*([A-Za-z_]\w*)|\.\s*"([^"\\]*)"|\.?\s*\[\s*"([^"\\]*)"\s*\])/g;

async function resolveSecrets(found: readonly Deferred[], params: ResolveDeferredParams): Promise<JsonObject> {
  const wanted = new Set<string>();
  for (const { expression } of found) {
    const { names, isComputed } = secretNames(expression);
    for (const name of isComputed ? [...names, ...(params.context.declaredSecrets ?? [])] : names) wanted.add(name);
  }
  const values = await params.context.resolveSecrets([...wanted]);
  for (const name of wanted) {
    if (Object.hasOwn(values, name)) continue;
    throw failure("authorization", {
      detail: `Cannot read secret "${name}": the environment of this execution has none of that name; add it with "stigmer secret set ${name}"`,
      retryable: false,
    });
  }
  params.sensitive.add(values);
  return values;
}

function collect(value: Json, into: Deferred[]): void {
  if (isLiteral(value)) return;
  const deferred = asDeferred(value);
  if (deferred) into.push(deferred);
  else if (isList(value)) for (const item of value) collect(item, into);
  else if (isObject(value)) for (const item of Object.values(value)) collect(item, into);
}

function replace(value: Json, evaluate: (deferred: Deferred) => Json): Json {
  if (isLiteral(value)) return value.$literal ?? null;
  const deferred = asDeferred(value);
  if (deferred) return evaluate(deferred);
  if (isList(value)) return value.map((item) => replace(item, evaluate));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, replace(item, evaluate)]));
}

function isLiteral(value: Json): value is JsonObject {
  return isObject(value) && Object.keys(value).length === 1 && Object.hasOwn(value, "$literal");
}

function asDeferred(value: Json): Deferred | undefined {
  if (!isObject(value) || Object.keys(value).length !== 1) return undefined;
  const inner = value.$deferred;
  if (!isObject(inner) || typeof inner.expression !== "string") return undefined;
  const variables = inner.variables;
  return {
    expression: inner.expression,
    input: inner.input ?? null,
    variables: isObject(variables) ? variables : {},
  };
}
