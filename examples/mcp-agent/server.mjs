// A small MCP server over standard input and output: one tool that reads, one that would change something.
import { createInterface } from "node:readline";

const STOCK = { lamp: 4, chair: 0 };
const TOOLS = [
  {
    name: "count_stock",
    description: "Says how many of an item are on the shelf.",
    inputSchema: { type: "object", properties: { item: { type: "string" } }, required: ["item"] },
    annotations: { readOnlyHint: true },
  },
  {
    name: "order_more",
    description: "Orders more of an item.",
    inputSchema: { type: "object", properties: { item: { type: "string" } }, required: ["item"] },
  },
];

const answer = (id, result) => console.log(JSON.stringify({ jsonrpc: "2.0", id, result }));

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (method === "initialize") {
    const serverInfo = { name: "stock", version: "1.0.0" };
    answer(id, { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo });
  } else if (method === "tools/list") answer(id, { tools: TOOLS });
  else if (method === "tools/call") {
    const text = `${STOCK[params.arguments.item] ?? 0} on the shelf`;
    answer(id, { content: [{ type: "text", text }] });
  }
}
