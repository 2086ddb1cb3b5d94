import type { EntryFrame, EventFrame } from "@stigmer/api";
import { childExecutionId, type Failure, type Json, startBody } from "@stigmer/durable";
import type { AppendedEntry, EntryAct, ReportedLine } from "../store/engine/append.ts";
import type { Ending } from "../store/engine/finish.ts";
import type { StoredValue } from "../store/engine/stored-value.ts";
import type { ReadyExecution } from "../store/engine/turn.ts";
import { publishedEvent } from "./cloud-event.ts";
import { newExecution, type ResolveDefinition } from "./execution-spec.ts";
import { type JournalSeal, sealBody } from "./journal-seal.ts";
import type { ValueClaims } from "./values.ts";

/** What reading the entries of one execution needs. */
export interface EntryReader {
  readonly execution: ReadyExecution;
  readonly claims: ValueClaims;
  readonly resolve: ResolveDefinition;
  readonly maxDepth: number;
  /** 128 random bits as 32 hexadecimal digits. */
  readonly seed: () => string;
  /** Seals what may carry a secret; without it everything is stored in clear. */
  readonly seal?: JournalSeal;
  /** Whether the execution's snapshots may carry a secret. */
  readonly mayReadSecrets: () => boolean;
}

/** Takes an entry apart: its values, and what the server must do with it in the same transaction. */
export function readEntry(reader: EntryReader, frame: EntryFrame): AppendedEntry {
  const kind = frame.kind ?? "";
  const body = frame.body ?? "";
  const act = readAct(reader, kind, frame.key ?? "", body);
  return {
    seq: Number(frame.seq ?? 0),
    atMs: Number(frame.atMs ?? 0),
    kind,
    key: frame.key ?? "",
    // The value of a final entry stands in the execution itself.
    body: act?.kind === "end" ? { text: '{"v":1}' } : storedBody(reader, frame),
    ...(act ? { act } : {}),
    events: readLines(reader.claims, frame.events ?? []),
  };
}

/** A revealed secret, and a snapshot that may carry one, never reach the disk in clear. */
function storedBody(reader: EntryReader, { seq, kind, body = "" }: EntryFrame): StoredValue {
  const { claims, seal, execution } = reader;
  if (seal === undefined || !mayCarrySecret(reader, kind ?? "", body)) return claims.value(body);
  return claims.sealed(body, sealBody(seal, { executionId: execution.id, seq: Number(seq ?? 0) }, body));
}

function mayCarrySecret(reader: EntryReader, kind: string, body: string): boolean {
  if (kind === "snapshot") return reader.mayReadSecrets();
  return kind === "result" && body.includes('"secrets"') && parse(body).call === "secrets";
}

/** Reported lines as the writer takes them. */
export function readLines(claims: ValueClaims, frames: readonly EventFrame[]): readonly ReportedLine[] {
  return frames.map((line) => ({
    index: Number(line.index ?? 0),
    atMs: Number(line.atMs ?? 0),
    type: line.type ?? "",
    data: claims.value(line.data ?? "null"),
  }));
}

type Members = { readonly [name: string]: Json };

function readAct(reader: EntryReader, kind: string, key: string, body: string): EntryAct | undefined {
  switch (kind) {
    case "child":
      return readChild(reader, key, parse(body));
    case "child_cancel":
      return { kind: "cancelChild" };
    case "result":
      return body.includes('"emit"') ? readEmit(reader, parse(body)) : undefined;
    case "inbox":
      return { kind: "seen", n: Number(parse(body).n ?? 0) };
    case "snapshot":
      return { kind: "snapshot", inboxSeen: Number(parse(body).inboxSeen ?? 0) };
    case "completed":
      return {
        kind: "end",
        ending: { phase: "completed", output: reader.claims.value(JSON.stringify(parse(body).output ?? null)) },
      };
    case "failed":
      return { kind: "end", ending: readFault(reader, parse(body).failure ?? {}) };
    case "cancelled":
      return { kind: "end", ending: { phase: "cancelled" } };
    default:
      return undefined;
  }
}

function readEmit(reader: EntryReader, members: Members): EntryAct | undefined {
  if (members.call !== "emit" || members.ok === undefined) return undefined;
  const event = publishedEvent(members.ok, reader.claims);
  if (!event) return undefined;
  return { kind: "publish", event, line: reader.claims.value(JSON.stringify({ event: members.ok })) };
}

function readFault(reader: EntryReader, failure: Json): Ending {
  const error = reader.claims.value(JSON.stringify(failure));
  return { phase: "faulted", error, line: reader.claims.value(JSON.stringify({ error: failure })) };
}

function readChild(reader: EntryReader, key: string, members: Members): EntryAct {
  const { execution } = reader;
  const program = typeof members.program === "string" ? members.program : "";
  if (execution.depth + 1 > reader.maxDepth) return refusal(reader, key, tooDeep(reader.maxDepth));
  const found = reader.resolve({
    program,
    target: members.target ?? null,
    input: members.input ?? null,
    parentId: execution.id,
    namespace: execution.namespace,
    environment: execution.environment,
  });
  if ("failure" in found) return refusal(reader, key, found.failure);
  const spec =
    found.spec.environment === undefined ? { ...found.spec, environment: execution.environment } : found.spec;
  const child = newExecution(spec, {
    id: childExecutionId({ parentId: execution.id, key, program }),
    startBody: startBody(reader.seed()),
    depth: execution.depth + 1,
    claims: reader.claims,
  });
  return { kind: "startChild", child, mode: members.mode === "detach" ? "detach" : "wait" };
}

function refusal(reader: EntryReader, key: string, failure: Failure): EntryAct {
  return { kind: "refuseChild", data: reader.claims.value(JSON.stringify({ key, outcome: { failure } })) };
}

function tooDeep(maxDepth: number): Failure {
  return {
    type: "https://serverlessworkflow.io/spec/1.0.0/errors/runtime",
    status: 500,
    title: "too many nested executions",
    detail: `A chain of executions is at most ${maxDepth} deep.`,
    retryable: false,
  };
}

/** Bodies come from our own runners; one that cannot be read has no members and does nothing. */
function parse(body: string): Members {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? (value as Members) : {};
  } catch {
    return {};
  }
}
