import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";

// A stdio MCP server for mcp-effect.test.ts, without any library: the protocol of 2025-06-18 by hand.
// Arguments: a mode, such as `normal`, `silent`, `modern`.
const mode = process.argv[2] ?? "normal";

interface Request {
  readonly id?: number;
  readonly method: string;
  readonly params?: { readonly name?: string; readonly arguments?: Record<string, unknown> };
}

const tool = (name: string, readOnly: boolean) => ({
  name,
  description: `Tool ${name}`,
  inputSchema: { type: "object", properties: { text: { type: "string" } } },
  annotations: { readOnlyHint: readOnly },
});

const answer = (id: number | undefined, result: Record<string, unknown>) => {
  const kind = mode === "modern" ? { resultType: "complete", ttlMs: 0, cacheScope: "private" } : {};
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, result: { ...kind, ...result } })}\n`);
};
const refuse = (id: number | undefined, code: number, message: string) => {
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, error: { code, message } })}\n`);
};
const say = (id: number | undefined, text: string, isError = false) => {
  answer(id, { content: [{ type: "text", text }], isError });
};

function callTool({ id, params }: Request): void {
  switch (params?.name) {
    case "echo":
      return say(id, String(params.arguments?.text));
    case "env":
      return say(id, Object.keys(process.env).sort().join(","));
    case "token":
      return say(id, `the token is ${process.env.TOKEN}`);
    case "pid":
      return say(id, String(process.pid));
    case "fail":
      return say(id, "it went wrong", true);
    case "die":
      return process.exit(3);
    case "big":
      return say(id, "x".repeat(300_000));
    case "huge":
      return void process.stdout.write("y".repeat(12_000_000));
    case "hang":
      return;
    default:
      return refuse(id, -32602, `no tool ${params?.name}`);
  }
}

function handle(request: Request): void {
  switch (request.method) {
    case "initialize":
      if (mode === "modern") return refuse(request.id, -32601, "unknown method");
      return answer(request.id, {
        protocolVersion: "2025-06-18",
        capabilities: { tools: {} },
        serverInfo: { name: "fixture", version: "1" },
      });
    case "server/discover":
      if (mode !== "modern") return refuse(request.id, -32601, "unknown method");
      return answer(request.id, {
        supportedVersions: ["2026-07-28"],
        capabilities: { tools: {} },
      });
    case "tools/list":
      return answer(request.id, {
        tools: [
          ...["echo", "env", "token", "pid", "fail", "die", "big", "huge", "hang"].map((name) => tool(name, true)),
          tool("write", false),
        ],
      });
    case "tools/call":
      return callTool(request);
    default:
      if (request.id !== undefined) refuse(request.id, -32601, "unknown method");
  }
}

writeFileSync("server.pid", `${process.pid}`);
if (mode === "broken") {
  process.stderr.write("no configuration found\n");
  process.exit(2);
}
if (mode !== "silent") {
  createInterface({ input: process.stdin }).on("line", (line) => handle(JSON.parse(line) as Request));
} else {
  process.stdin.resume();
}
