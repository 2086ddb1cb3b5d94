import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "@stigmer/durable";
import { identifyProcess } from "@stigmer/lifecycle";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Bench, createBench, failureOf } from "../agent-effects.testsuite.ts";

let bench: Bench;
beforeEach(() => {
  bench = createBench({ MCP_TOKEN: "t0ken-value" });
});
afterEach(() => bench.dispose());

const server = (mode = "normal", more: Record<string, Json> = {}): Json => ({
  name: "demo",
  command: process.execPath,
  args: [join(import.meta.dirname, "mcp-server.testsuite.ts"), mode],
  env: { TOKEN: { secret: "MCP_TOKEN" }, COLOUR: "blue" },
  ...more,
});

interface Listed {
  readonly toolsRef: string;
  readonly tools: readonly { readonly name: string; readonly readOnly: boolean }[];
  readonly problems: readonly { readonly server: string; readonly message: string }[];
}

const list = async (...mcpServers: Json[]) =>
  (await bench.run("agent-tools", { tools: ["read_file"], mcpServers })) as unknown as Listed;

async function call(tool: string, args: Json = {}, signal?: AbortSignal) {
  const { toolsRef } = await list(server());
  const input = { tool: `demo__${tool}`, callId: "c", arguments: args, toolsRef, server: server() };
  const result = (await bench.run("mcp", input, signal ? { signal } : {})) as {
    outcome: string;
    ref?: string;
    text: string;
  };
  const content = result.ref === undefined ? undefined : await bench.blobs.get(result.ref);
  return { outcome: result.outcome, text: content ? new TextDecoder().decode(content) : result.text };
}

const serverPid = () => Number(readFileSync(join(bench.workspaceDir, "server.pid"), "utf8"));

describe("MCP servers", () => {
  test("list their tools beside the built-in ones, by `server__tool`", async () => {
    const { tools, problems } = await list(server());
    expect(tools[0]).toMatchObject({ name: "read_file", kind: "tool", readOnly: true });
    expect(tools.find((tool) => tool.name === "demo__echo")).toMatchObject({
      kind: "mcp",
      server: "demo",
      readOnly: true,
    });
    expect(tools.find((tool) => tool.name === "demo__write")).toMatchObject({ readOnly: false });
    expect(problems).toEqual([]);
  });

  test("may speak the newer protocol", async () => {
    const { tools, problems } = await list(server("modern"));
    expect(problems).toEqual([]);
    expect(tools.map((tool) => tool.name)).toContain("demo__echo");
  });

  test("show only the tools that the agent enables", async () => {
    const { tools } = await list(server("normal", { enabledTools: ["echo"] }));
    expect(tools.map((tool) => tool.name)).toEqual(["read_file", "demo__echo"]);
  });

  test("answer calls", async () => {
    expect(await call("echo", { text: "hällo" })).toEqual({ outcome: "ok", text: "hällo" });
    expect(await call("fail")).toEqual({ outcome: "failed", text: "it went wrong" });
  });

  test("serve one execution with one process", async () => {
    const first = await call("pid");
    expect(await call("pid")).toEqual(first);
    expect(first.text).toBe(String(serverPid()));
  });

  test("get the declared environment and nothing of ours", async () => {
    expect((await call("env")).text).toBe("COLOUR,HOME,LANG,PATH,TOKEN");
  });

  test("cannot show the secrets that they were given", async () => {
    expect((await call("token")).text).toBe("the token is [redacted]");
  });

  test("long results are cut in the middle for the model", async () => {
    const { text } = await call("big");
    expect(text.length).toBeLessThan(70_000);
    expect(text).toContain("characters left out of 300000");
  });

  test("one that dies is a failed call, and the next call starts it again", async () => {
    expect((await call("die")).outcome).toBe("failed");
    expect(await call("echo", { text: "again" })).toEqual({ outcome: "ok", text: "again" });
  });

  test("one that sends too much is ended", async () => {
    expect((await call("huge")).outcome).toBe("failed");
  });

  test("a cancelled call ends", async () => {
    await list(server());
    const abort = new AbortController();
    const failed = failureOf(call("hang", {}, abort.signal));
    setImmediate(() => abort.abort());
    expect(await failed).toMatchObject({ title: "Cancelled" });
  });

  test.each<[string, Json, string]>([
    ["does not exist", server("normal", { command: "no-such-server" }), "ENOENT"],
    ["says nothing", server("silent"), "timed out"],
    ["ends at once", server("broken"), "no configuration found"],
  ])("one that %s is a problem and not the end", async (_name, spec, words) => {
    const { tools, problems } = await list(spec);
    expect(tools.map((tool) => tool.name)).toEqual(["read_file"]);
    expect(problems).toEqual([{ server: "demo", message: expect.stringContaining(words) }]);
  });

  test("a missing secret is named", async () => {
    const spec = server("normal", { env: { TOKEN: { secret: "GONE" } } });
    expect(await failureOf(bench.run("agent-tools", { tools: [], mcpServers: [spec] }))).toMatchObject({
      status: 403,
      detail: expect.stringContaining('"GONE"'),
    });
  });

  test("end with their execution", async () => {
    await call("echo", { text: "x" });
    const pid = serverPid();
    expect(identifyProcess(pid)).toBeDefined();
    await bench.dispose();
    expect(identifyProcess(pid)).toBeUndefined();
  });
});
