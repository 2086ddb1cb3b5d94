import { type AllowSpec, type Json, resolveDeferred } from "@stigmer/dsl";
import { DurableFailure, type RunEffect, type VirtualClock } from "@stigmer/durable";
import { isList, isMap } from "./match-json.ts";
import { answerMock, type MockBook } from "./mock-book.ts";
import { MOCKED_CHILD } from "./mock-children.ts";
import { describeWork, nameWork, type Work } from "./work.ts";

/** What effects of a test need. */
export interface TestEffectsParams {
  readonly book: MockBook;
  readonly clock: VirtualClock;
  readonly allow: readonly AllowSpec[];
  readonly secrets: Readonly<Record<string, Json>>;
  /** Does what is allowed. */
  readonly real: RunEffect;
  /** Learns of each piece of work once. */
  onWork(work: Work): void;
  /** Learns why something was refused, in a whole sentence. */
  onRefusal(message: string): void;
}

/** Effects of a test: a mock answers, else what touches nothing or is allowed happens, else the test has failed. */
export function createTestEffects(params: TestEffectsParams): RunEffect {
  const seen = new Set<string>();
  return async (call, context) => {
    const isAgent = context.executionId.startsWith("aex_");
    const { kind, input } = workInput(call.kind, withSecrets(call.input, params.secrets), isAgent);
    const work = describeWork(kind, call.key, input);
    const identity = `${context.executionId}|${call.key}|${context.attempt}`;
    if (!seen.has(identity)) {
      seen.add(identity);
      params.onWork(work);
    }
    const mock = params.book.find(work, identity);
    if (mock !== undefined) return answerMock(mock, { work, input, clock: params.clock });
    if (isHarmless(work, input, isAgent) || isAllowed(work, params.allow)) return params.real(call, context);
    const detail = refusal(work, params.book.isMeant(work));
    params.onRefusal(detail);
    throw new DurableFailure({ type: "about:blank", status: 500, title: "not mocked", detail, retryable: false });
  };
}

/** Kind and input in the words of test files: a mocked child is an agent or a workflow. */
function workInput(kind: string, input: Json, isAgent: boolean): { readonly kind: string; readonly input: Json } {
  if (kind === MOCKED_CHILD && isMap(input)) return { kind: String(input.program), input: input.input ?? null };
  return { kind: isAgent && kind === "agent-tools" ? "mcp" : kind, input };
}

/** A secret that the test does not give stays an expression; the real effect says what is missing. */
function withSecrets(input: Json, secrets: Readonly<Record<string, Json>>): Json {
  try {
    return resolveDeferred(input, secrets);
  } catch {
    return input;
  }
}

/** Work that neither leaves this process nor starts another one. */
function isHarmless(work: Work, input: Json, isAgent: boolean): boolean {
  switch (work.kind) {
    case "secrets":
    case "tool":
      return true;
    case "resource":
      return work.address?.startsWith("file:") === true;
    case "mcp":
      return isAgent && isMap(input) && isList(input.mcpServers) && input.mcpServers.length === 0;
    case "model":
      return isMap(input) && isMap(input.model) && input.model.provider === "scripted";
    default:
      return false;
  }
}

function isAllowed(work: Work, allow: readonly AllowSpec[]): boolean {
  return allow.some((one) => {
    if (typeof one === "string") return one === work.kind;
    return (
      work.address !== undefined && URL.canParse(work.address) && new URL(work.address).origin === originOf(one.http)
    );
  });
}

function originOf(text: string): string | undefined {
  return URL.canParse(text) ? new URL(text).origin : undefined;
}

function refusal(work: Work, isUsedUp: boolean): string {
  const what = `${nameWork(work)[0]?.toUpperCase()}${nameWork(work).slice(1)}`;
  if (isUsedUp) return `${what} once more than its mocks answer; raise "times" or add a mock`;
  const origin = work.address !== undefined && URL.canParse(work.address) ? new URL(work.address).origin : undefined;
  const allow = work.kind === "http" && origin !== undefined ? `{http: ${origin}}` : work.kind;
  return `${what}, which no mock answers; add a mock {task: ${work.task}, returns: …} or allow: [${allow}]`;
}
