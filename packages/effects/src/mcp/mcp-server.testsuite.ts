import { createInterface } from "node:readline";

// A stdio MCP server for mcp-effect.test.ts, without any library: the protocol of 2025-06-18 by hand.

interface Request {
  readonly id?: number;
  readonly method: string;
  readonly params?: { readonly name?: string; readonly arguments?: Record<string, unknown>; readonly uri?: string };
}

/** What the server says to a request; undefined for silence. */
export function answerMcp({ id, method, params }: Request): unknown {
  const result = (value: unknown) => ({ jsonrpc: "2.0", id, result: value });
  const refuse = (code: number, message: string) => ({ jsonrpc: "2.0", id, error: { code, message } });
  switch (method) {
    case "initialize":
      return result({
        protocolVersion: "2025-06-18",
        capabilities: { tools: {}, prompts: {}, resources: {} },
        serverInfo: { name: "fixture", version: "1" },
      });
    case "tools/list":
      return result({ tools: [{ name: "echo", inputSchema: { type: "object" } }], nextCursor: "more" });
    case "tools/call":
      if (params?.name === "hang") return undefined;
      if (params?.name === "die") process.exit(3);
      if (params?.name !== "echo") return refuse(-32602, `no tool ${params?.name}`);
      return result({
        content: [{ type: "text", text: JSON.stringify(params.arguments) }],
        structuredContent: { token: process.env.TOKEN ?? null },
      });
    case "prompts/list":
      return result({ prompts: [{ name: "greet" }] });
    case "prompts/get":
      return result({ messages: [{ role: "user", content: { type: "text", text: `greet ${params?.name}` } }] });
    case "resources/list":
      return result({ resources: [{ uri: "mem://a", name: "a" }] });
    case "resources/read":
      return result({ contents: [{ uri: params?.uri, text: "content" }] });
    case "resources/templates/list":
      return result({ resourceTemplates: [{ uriTemplate: "mem://{name}", name: "all" }] });
    default:
      return id === undefined ? undefined : refuse(-32601, "unknown method");
  }
}

if (process.argv[2] === "serve") {
  createInterface({ input: process.stdin }).on("line", (line) => {
    const answer = answerMcp(JSON.parse(line) as Request);
    if (answer !== undefined) process.stdout.write(`${JSON.stringify(answer)}\n`);
  });
}
if (process.argv[2] === "broken") {
  process.stderr.write("no configuration found\n");
  process.exit(2);
}
