import { describe, expect, test } from "vitest";
import { parseManifest } from "./parse-manifest.ts";

const agent = `apiVersion: stigmer.ai/v1
kind: Agent
metadata:
  name: reviewer
  labels: {team: docs}
spec:
  instructions: Review the text.
  model:
    provider: ollama
    name: qwen3:8b
    baseUrl: http://127.0.0.1:11434
  tools: [read_file, search_files]
  mcpServers:
    - tools/files
    - {name: own, command: node, args: [server.mjs], env: {MODE: read, TOKEN: {secret: token}}}
  outputSchema: {type: object, properties: {verdict: {enum: [good, bad]}}}
  limits: {steps: 10, tokens: 20000, time: PT5M}
  environment: default
`;

const workflow = "document: {dsl: 1.0.3, namespace: shop, name: orders, version: 1.2.0}\ndo:\n  - wait: {wait: PT1S}\n";

function problems(text: string, options = {}): readonly string[] {
  return parseManifest(text, options).diagnostics.map(({ line, column, code }) => `${line}:${column} ${code}`);
}

describe("parseManifest()", () => {
  test("reads an agent", () => {
    const { manifest, diagnostics } = parseManifest(agent);
    expect(diagnostics).toEqual([]);
    expect(manifest).toMatchObject({ kind: "Agent", namespace: "default", name: "reviewer", labels: { team: "docs" } });
    expect(manifest?.kind === "Agent" && manifest.spec.model.provider).toBe("ollama");
  });

  test("reads a bare workflow and one in an envelope alike", () => {
    const bare = parseManifest(workflow).manifest;
    const indented = workflow
      .trimEnd()
      .split("\n")
      .map((line) => `  ${line}`)
      .join("\n");
    const inside = parseManifest(`apiVersion: stigmer.ai/v1\nkind: Workflow\nspec:\n${indented}\n`).manifest;
    expect(bare).toMatchObject({ kind: "Workflow", namespace: "shop", name: "orders", labels: {} });
    expect(bare?.kind === "Workflow" && bare.document.document.version).toBe("1.2.0");
    expect(inside).toEqual(bare);
  });

  test.each([
    [
      "an MCP server",
      "kind: McpServer\nmetadata: {name: files}\nspec: {transport: stdio, command: node, args: [a.mjs]}\n",
    ],
    [
      "an environment",
      "kind: Environment\nmetadata: {namespace: shop, name: test}\nspec: {variables: {region: eu}, secrets: {token: abc}}\n",
    ],
    [
      "a scripted agent",
      "kind: Agent\nmetadata: {name: a}\nspec: {instructions: x, model: {provider: scripted, turns: [{text: hello}]}}\n",
    ],
    ["what the server gave back", "kind: Environment\nmetadata: {name: a}\nspec: {}\nstatus: {revision: 3, etag: x}\n"],
  ])("reads %s", (_, text) => {
    const { manifest, diagnostics } = parseManifest(`apiVersion: stigmer.ai/v1\n${text}`);
    expect(diagnostics).toEqual([]);
    expect(manifest?.name).toBeTruthy();
  });

  test.each([
    ["something else", "hello: world\n", ["1:1 unknown-manifest"]],
    ["a list", "- a\n", ["1:1 unknown-manifest"]],
    ["an unknown kind", "apiVersion: stigmer.ai/v1\nkind: Agnet\n", ["2:7 unknown-kind"]],
    ["no kind", "apiVersion: stigmer.ai/v1\nmetadata: {name: a}\n", ["1:1 missing-field"]],
    [
      "another version",
      "apiVersion: stigmer.ai/v2\nkind: Environment\nmetadata: {name: a}\nspec: {}\n",
      ["1:13 wrong-value"],
    ],
    ["no name", "apiVersion: stigmer.ai/v1\nkind: Environment\nmetadata: {}\nspec: {}\n", ["3:1 missing-field"]],
    [
      "a name with capitals",
      "apiVersion: stigmer.ai/v1\nkind: Environment\nmetadata: {name: Abc}\nspec: {}\n",
      ["3:18 invalid-resource-name"],
    ],
    [
      "an unknown field",
      "apiVersion: stigmer.ai/v1\nkind: Environment\nmetadata: {name: a}\nspec: {variabels: {}}\n",
      ["4:8 unknown-field"],
    ],
    [
      "a bad secret name",
      "apiVersion: stigmer.ai/v1\nkind: Environment\nmetadata: {name: a}\nspec: {secrets: {a/b: x}}\n",
      ["4:18 invalid-secret-name"],
    ],
    ["an agent of an unknown provider", agent.replace("ollama", "olama"), ["9:15 unknown-kind"]],
    ["an agent without a model's name", agent.replace("    name: qwen3:8b\n", ""), ["8:3 missing-field"]],
    [
      "an agent with its key in clear",
      agent.replace("baseUrl: http://127.0.0.1:11434", "apiKey: sk-123"),
      ["11:13 wrong-type"],
    ],
    ["an agent with an unknown tool", agent.replace("read_file,", "write_file,"), ["12:11 wrong-value"]],
    ["an agent with a broken schema", agent.replace("{type: object,", "{type: objct,"), ["16:24 invalid-schema"]],
    ["an agent with a wrong time", agent.replace("PT5M", "5m"), ["17:44 invalid-duration"]],
    [
      "a workflow that is none",
      "document: {dsl: 1.0.3}\ndo: []\n",
      ["1:1 missing-field", "1:1 missing-field", "1:1 missing-field"],
    ],
    [
      "an envelope with another name",
      `apiVersion: stigmer.ai/v1\nkind: Workflow\nmetadata: {name: other}\nspec: ${JSON.stringify({ document: { dsl: "1.0.3", namespace: "a", name: "b", version: "1.0.0" }, do: [] })}\n`,
      ["3:18 different-identity"],
    ],
    [
      "a workflow inside with a problem",
      `apiVersion: stigmer.ai/v1\nkind: Workflow\nspec:\n  document: {dsl: 1.0.3, namespace: a, name: b, version: 1.0.0}\n  do:\n    - t: {wait: soon}\n`,
      ["6:17 invalid-duration"],
    ],
  ])("refuses %s", (_, text, expected) => {
    const parsed = parseManifest(text);
    expect(parsed.diagnostics.map(({ line, column, code }) => `${line}:${column} ${code}`)).toEqual(expected);
    expect(parsed.manifest).toBeUndefined();
  });

  test("tells what this release cannot run, as the caller wants it", () => {
    const text = `${workflow}  - s: {run: {script: {language: ruby, code: x}}}\n`;
    expect(parseManifest(text).diagnostics).toMatchObject([
      { code: "not-supported-yet", severity: "warning", line: 4 },
    ]);
    expect(parseManifest(text).manifest).toBeDefined();
    expect(parseManifest(text, { supported: "now" }).manifest).toBeUndefined();
    expect(problems(text, { supported: "all" })).toEqual([]);
  });

  test("warns of capitals that the language allows and resources do not", () => {
    expect(problems(workflow.replace("orders", "Orders"))).toEqual(["1:47 invalid-resource-name"]);
  });
});
