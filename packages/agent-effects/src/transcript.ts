import type { Json } from "@stigmer/durable";
import { failure, isList, isObject, type JsonObject } from "@stigmer/effects";
import type { BlobPort } from "./blobs.ts";

/** A piece of what a model said. `provider` is what the model's own provider must get back unchanged. */
export type AssistantPart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "reasoning"; readonly text: string; readonly provider?: JsonObject }
  | {
      readonly kind: "call";
      readonly id: string;
      readonly name: string;
      /** JSON text as the model wrote it. */
      readonly arguments: string;
      readonly provider?: JsonObject;
    };

/** How a tool call ended, with the text itself or the digest of it. */
export interface ToolResult {
  readonly callId: string;
  readonly tool: string;
  /** `ok`, `failed`, `refused` or `unknown`. */
  readonly outcome: string;
  readonly text?: string;
  readonly ref?: string;
}

/** A message of a conversation. */
export type Message =
  | { readonly role: "user"; readonly text: string }
  | { readonly role: "assistant"; readonly parts: readonly AssistantPart[] }
  | { readonly role: "tool"; readonly results: readonly ToolResult[] };

/**
 * Conversations as chains of blobs: each is the JSON text of `{v: 1, parent: digest | null, messages: […]}`, and the
 * digest of the last one is the head. Tool results name further blobs with `ref`.
 */
export interface Transcripts {
  /** All messages from the first one to `head`. */
  load(head: string | null): Promise<readonly Message[]>;
  /** Adds messages behind `head`; gives the new head. */
  append(head: string | null, messages: readonly Message[]): Promise<string>;
  /** Text of a blob. */
  text(ref: string): Promise<string>;
}

/** Conversations over a blob store. */
export function createTranscripts(blobs: BlobPort): Transcripts {
  const text = async (ref: string) => {
    const content = await blobs.get(ref);
    if (content === undefined) throw lost(ref);
    return new TextDecoder().decode(content);
  };
  return {
    text,
    async append(head, messages) {
      return blobs.put(new TextEncoder().encode(JSON.stringify({ v: 1, parent: head, messages })));
    },
    async load(head) {
      const links: (readonly Message[])[] = [];
      for (let ref = head; ref !== null; ) {
        const link = readLink(await text(ref), ref);
        links.push(link.messages);
        ref = link.parent;
      }
      return links.reverse().flat();
    },
  };
}

function readLink(text: string, ref: string): { parent: string | null; messages: readonly Message[] } {
  const link = JSON.parse(text) as Json;
  if (!isObject(link) || link.v !== 1 || !isList(link.messages)) throw lost(ref);
  return { parent: typeof link.parent === "string" ? link.parent : null, messages: link.messages.map(readMessage) };
}

/** Reads a message as it stands in a transcript, or as the agent loop wants it appended. */
export function readMessage(value: Json): Message {
  if (!isObject(value)) throw invalidMessage();
  switch (value.role) {
    case "user":
      return { role: "user", text: String(value.text ?? "") };
    case "assistant":
      return { role: "assistant", parts: objects(value.parts).map(readPart) };
    case "tool":
      return { role: "tool", results: objects(value.results).map(readResult) };
    default:
      throw invalidMessage();
  }
}

function readPart(part: JsonObject): AssistantPart {
  const provider = isObject(part.provider) ? { provider: part.provider } : {};
  switch (part.kind) {
    case "call":
      return {
        kind: "call",
        id: String(part.id),
        name: String(part.name),
        arguments: String(part.arguments),
        ...provider,
      };
    case "reasoning":
      return { kind: "reasoning", text: String(part.text), ...provider };
    default:
      return { kind: "text", text: String(part.text) };
  }
}

function readResult(result: JsonObject): ToolResult {
  return {
    callId: String(result.callId),
    tool: String(result.tool),
    outcome: String(result.outcome),
    ...(typeof result.text === "string" ? { text: result.text } : {}),
    ...(typeof result.ref === "string" ? { ref: result.ref } : {}),
  };
}

function objects(value: Json | undefined): readonly JsonObject[] {
  return isList(value) ? value.filter(isObject) : [];
}

function invalidMessage() {
  return failure("runtime", { detail: "A message of the conversation cannot be read", retryable: false });
}

function lost(ref: string) {
  return failure("runtime", {
    title: "Conversation lost",
    detail: `The conversation cannot be read: its part ${ref} is gone or damaged`,
    retryable: false,
  });
}
