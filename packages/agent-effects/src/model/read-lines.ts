/** No line of a model's answer is longer. */
const MAX_LINE_CHARACTERS = 4_000_000;

/** The lines of a response's body as they arrive, without empty ones. @throws {Error} for a line without end */
export async function* readLines(body: ReadableStream<Uint8Array> | null): AsyncGenerator<string> {
  if (body === null) return;
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n")) {
      const line = rest.slice(0, end).trim();
      rest = rest.slice(end + 1);
      if (line !== "") yield line;
    }
    if (rest.length > MAX_LINE_CHARACTERS) throw new Error("a line of the answer does not end");
  }
  if (rest.trim() !== "") yield rest.trim();
}
