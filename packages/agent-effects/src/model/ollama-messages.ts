import type { Json } from "@stigmer/durable";
import { parseArguments } from "./arguments.ts";
import type { ModelRequest } from "./model-provider.ts";

/** The conversation as Ollama's `/api/chat` takes it. */
export function toOllamaMessages(request: ModelRequest): readonly Json[] {
  const system = { role: "system", content: request.instructions };
  return [system, ...request.messages.flatMap(toMessages)];
}

function toMessages(message: ModelRequest["messages"][number]): readonly Json[] {
  switch (message.role) {
    case "user":
      return [{ role: "user", content: message.text }];
    case "tool":
      return message.results.map((result) => ({ role: "tool", tool_name: result.tool, content: result.text ?? "" }));
    case "assistant": {
      const content = message.parts.map((part) => (part.kind === "text" ? part.text : "")).join("");
      const calls = message.parts.flatMap((part) =>
        part.kind === "call"
          ? [{ function: { name: part.name, arguments: parseArguments(part.arguments).value ?? {} } }]
          : [],
      );
      return [{ role: "assistant", content, ...(calls.length > 0 ? { tool_calls: calls } : {}) }];
    }
  }
}
