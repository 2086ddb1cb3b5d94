import type { Json } from "@stigmer/durable";
import type { BlobPort } from "../blobs.ts";

/** What a model gets of one result at most. */
const MAX_MODEL_CHARACTERS = 64_000;
/** Shown in the event log. */
const PREVIEW_CHARACTERS = 400;

/**
 * Keeps a tool's text and gives the small summary that the program works with: `{outcome, ref, text}`. The model gets
 * the text behind `ref`: head and tail of a long one, with the digest of the whole.
 */
export async function keepToolResult(outcome: "ok" | "failed", text: string, blobs: BlobPort): Promise<Json> {
  const encoder = new TextEncoder();
  const whole = text.toWellFormed();
  if (whole.length <= PREVIEW_CHARACTERS && outcome === "failed") return { outcome, text: whole };
  let shown = whole;
  if (whole.length > MAX_MODEL_CHARACTERS) {
    const wholeRef = await blobs.put(encoder.encode(whole));
    const half = MAX_MODEL_CHARACTERS / 2;
    const left = whole.length - MAX_MODEL_CHARACTERS;
    shown =
      `${whole.slice(0, half)}\n(… ${left} characters left out of ${whole.length}; whole text: ${wholeRef} …)\n${whole.slice(-half)}`.toWellFormed();
  }
  const ref = await blobs.put(encoder.encode(shown));
  const preview = whole.length > PREVIEW_CHARACTERS ? `${whole.slice(0, PREVIEW_CHARACTERS)}…` : whole;
  return { outcome, ref, text: preview.toWellFormed() };
}
