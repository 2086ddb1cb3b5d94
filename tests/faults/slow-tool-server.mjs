// A stdio MCP server with one tool that takes its time and spawns a child of its own, as tools do.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const answer = (id, result) => process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, result })}\n`);

createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === "initialize") {
    const serverInfo = { name: "slow", version: "1" };
    answer(id, { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo });
  } else if (method === "tools/list") {
    const inputSchema = { type: "object", properties: {} };
    answer(id, { tools: [{ name: "look", description: "Looks", inputSchema, annotations: { readOnlyHint: true } }] });
  } else if (method === "tools/call") {
    spawn("sleep", ["1"]).on("exit", () => answer(id, { content: [{ type: "text", text: "seen" }] }));
  } else if (id !== undefined) {
    process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, error: { code: -32601, message: "unknown" } })}\n`);
  }
});
