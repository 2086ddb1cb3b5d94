import { readdirSync, readFileSync } from "node:fs";
import { type Json, parseText, resolveDeferred, STANDARD_ERRORS, type WorkflowDocument } from "@stigmer/dsl";
import { DurableFailure, type EffectCall, type Failure, type RunEffect } from "@stigmer/durable";
import type { WorkflowProgramInput } from "../index.ts";

/** What a scripted effect or child answers. */
export type ScriptedOutcome = { readonly ok: Json } | { readonly fail: Partial<Failure> };

/** A workflow with the world around it and what must come out, the same on every host. */
export interface CorpusCase {
  readonly name: string;
  readonly file: string;
  /** Without `document`: `corpusInput` adds it. */
  readonly definition: { readonly [key: string]: Json };
  readonly input?: Json;
  readonly strictSecrets?: boolean;
  readonly secrets?: { readonly [name: string]: Json };
  /** Outcomes of the effects of a task by its reference: the nth run takes the nth, later ones the last. */
  readonly effects?: { readonly [reference: string]: readonly ScriptedOutcome[] };
  readonly children?: { readonly [reference: string]: ScriptedOutcome };
  readonly events?: readonly { readonly afterMs: number; readonly event: Json }[];
  /** Decisions of people. */
  readonly decisions?: readonly { readonly afterMs: number; readonly decision: Json }[];
  readonly output?: Json;
  /** Members that the fault must have. */
  readonly error?: { readonly [member: string]: Json };
  /** The fault as a whole. */
  readonly exactError?: { readonly [member: string]: Json };
  /** References in start order. */
  readonly tasks?: readonly string[];
  /** How often tasks ran, by reference. */
  readonly runs?: { readonly [reference: string]: number };
  /** Virtual time from start to end. */
  readonly elapsedMs?: number;
  /** Effects as they were asked for. */
  readonly calls?: readonly Json[];
  /** Inputs of effects with their secrets filled in. */
  readonly sent?: readonly Json[];
  /** Children as they were asked for. */
  readonly started?: readonly Json[];
}

/** All cases of the corpus, from the YAML files beside this one. */
export function interpreterCorpus(): readonly CorpusCase[] {
  const folder = new URL(".", import.meta.url);
  const files = readdirSync(folder).filter((file) => file.endsWith(".yaml"));
  return files.sort().flatMap((file) => {
    const parsed = parseText(readFileSync(new URL(file, folder), "utf8"));
    if (!Array.isArray(parsed.value)) throw new Error(`${file}: ${JSON.stringify(parsed.diagnostics)}`);
    return parsed.value.map((entry) => ({ ...(entry as unknown as CorpusCase), file }));
  });
}

/** Input of the workflow program for a case. */
export function corpusInput(entry: CorpusCase, startedAtMs: number): WorkflowProgramInput {
  const document = { dsl: "1.0.3", namespace: "default", name: "corpus", version: "1.0.0" };
  return {
    definition: { document, ...entry.definition } as unknown as WorkflowDocument,
    input: entry.input ?? {},
    execution: { id: "wex_00000000000000000000000001", namespace: "default", startedAtMs },
    runtime: { name: "stigmer", version: "0.0.0" },
    ...(entry.strictSecrets === true ? { strictSecrets: true } : {}),
  };
}

/** The effects of a case: scripted ones, `emit` and `secrets` as a host does them. */
export function corpusEffects(entry: CorpusCase, onCall: (call: EffectCall, input: Json) => void): RunEffect {
  return async (call) => {
    const secrets = { ...entry.secrets };
    if (call.kind === "secrets") return resolveDeferred({ $deferred: call.input }, secrets);
    const input = resolveDeferred(call.input, secrets);
    onCall(call, input);
    if (call.kind === "emit") return input;
    const [reference = "", run = ""] = call.key.split("#");
    const outcomes = entry.effects?.[reference] ?? [];
    return outcomeOf(outcomes[Number.parseInt(run, 10) - 1] ?? outcomes.at(-1), call.key);
  };
}

/** Result of a scripted outcome. */
export function outcomeOf(outcome: ScriptedOutcome | undefined, key: string): Json {
  if (outcome === undefined) throw new Error(`the case has no outcome for ${key}`);
  if ("ok" in outcome) return outcome.ok;
  throw new DurableFailure(failureOf(outcome.fail));
}

/** A failure with the members that a case leaves out. */
export function failureOf(fail: Partial<Failure>): Failure {
  return { ...STANDARD_ERRORS.communication, ...fail };
}
