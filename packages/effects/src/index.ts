export { describeSchemaProblems, validateSchema } from "@stigmer/dsl";
export { compileRegex } from "@stigmer/jq";
export type { EffectContext, EffectHandler } from "./effect-context.ts";
export { createEffects, type Effects, type EffectsOptions } from "./effects.ts";
export { evaluateExpression } from "./evaluate-expression.ts";
export { type FailureDetails, failure, stopped } from "./fail.ts";
export {
  type AddressPolicy,
  type CheckedHost,
  checkHost,
  pinnedLookup,
  type ResolveHost,
} from "./http/address-guard.ts";
export { type CheckedFetchOptions, createCheckedFetch } from "./http/checked-fetch.ts";
export { readRetryAfter } from "./http/http-effect.ts";
export { GuardedTransport } from "./mcp/guarded-transport.ts";
export { asText, InputReader, isList, isObject, type JsonObject } from "./read-input.ts";
export { createSensitiveValues, redactFailure, redactJson, type SensitiveValues } from "./sensitive-values.ts";
