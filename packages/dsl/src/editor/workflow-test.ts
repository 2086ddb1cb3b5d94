import type { Json, JsonObject } from "../json.ts";
import type { DurationParts } from "../model-data.ts";
import type { EFFECT_KINDS } from "./workflow-test-shape.ts";

/** A duration as a test file writes it. */
export type WrittenDuration = string | DurationParts;

/** Kind of work that a mock answers or `allow` lets through. */
export type EffectKind = (typeof EFFECT_KINDS)[number];

/** Which work is meant: exactly one of the first four members is there. */
export type WorkSelector = {
  readonly task?: string;
  readonly url?: string;
  readonly function?: string;
  readonly kind?: EffectKind;
  readonly method?: string;
};

/** One answer in place of the world. */
export type MockSpec = WorkSelector & {
  readonly times?: number;
  readonly returns?: Json;
  readonly status?: number;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: Json;
  readonly error?: {
    readonly type?: string;
    readonly status?: number;
    readonly title?: string;
    readonly detail?: string;
    readonly data?: Json;
  };
  readonly delay?: WrittenDuration;
};

/** Work that must have been asked for. */
export type CallSpec = WorkSelector & {
  readonly headers?: { readonly [name: string]: string };
  readonly body?: Json;
  readonly times?: number;
};

/** An event that arrives during a test. */
export type EventSpec = { readonly after?: WrittenDuration; readonly afterMs?: number; readonly event: JsonObject };

/** What a human answers during a test. */
export type DecisionSpec = {
  readonly task: string;
  readonly outcome: string;
  readonly data?: Json;
  readonly by?: string;
  readonly after?: WrittenDuration;
};

/** What must be so in the end. */
export type ExpectSpec = {
  readonly status?: "completed" | "faulted" | "cancelled" | "waiting";
  readonly output?: Json;
  readonly outputMatches?: Json;
  readonly outputSnapshot?: boolean;
  readonly error?: JsonObject;
  readonly tasks?: { readonly order?: readonly string[]; readonly statuses?: { readonly [name: string]: string } };
  readonly calls?: readonly CallSpec[];
  readonly emitted?: readonly Json[];
  readonly duration?: { readonly max?: WrittenDuration; readonly exact?: WrittenDuration };
};

/** What is let through: a kind of work, or HTTP to one origin. */
export type AllowSpec = EffectKind | { readonly http: string };

/** One test. */
export type TestSpec = {
  readonly name: string;
  readonly input?: Json;
  readonly inputFile?: string;
  readonly message?: string;
  readonly workspace?: string;
  readonly secrets?: JsonObject;
  readonly environment?: JsonObject;
  readonly mocks?: readonly MockSpec[];
  readonly events?: readonly EventSpec[];
  readonly decisions?: readonly DecisionSpec[];
  readonly expect?: ExpectSpec;
  readonly chaos?: boolean;
  readonly allow?: readonly AllowSpec[];
};

/** A test file, `*.test.yaml`. */
export type WorkflowTestFile = {
  readonly workflow: string;
  readonly subflows?: readonly string[];
  readonly mocks?: readonly MockSpec[];
  readonly allow?: readonly AllowSpec[];
  readonly tests: readonly TestSpec[];
};
