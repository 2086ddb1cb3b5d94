export type { EffectContext, EffectHandler } from "./effect-context.ts";
export { createEffects, type Effects, type EffectsOptions } from "./effects.ts";
export { type FailureDetails, failure, stopped } from "./fail.ts";
export { type AddressPolicy, type CheckedHost, checkHost, type ResolveHost } from "./http/address-guard.ts";
export { readRetryAfter } from "./http/http-effect.ts";
export { createSensitiveValues, redactFailure, redactJson, type SensitiveValues } from "./sensitive-values.ts";
