import { spawn } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { ROOT } from "../run/cli.testsuite.ts";
import { createMessageReader, frameMessage } from "./message-stream.ts";

const DEADLINE_MS = 10_000;
const FLOW = `document: { dsl: "1.0.3", namespace: shop, name: flow, version: "1.0.0" }
do:
  - fetch:
      call: http
      with: { metod: get, endpoint: "https://example.com" }
      then: tell
  - tell:
      set: { a: 1 }
`;

interface Message {
  readonly id?: number | null;
  readonly method?: string;
  readonly result?: unknown;
  readonly error?: { readonly code: number };
  readonly params?: { readonly [name: string]: unknown };
}

/** An editor that talks to a real process. */
function startEditor() {
  const child = spawn(process.execPath, [join(ROOT, "packages/cli/src/main.ts"), "lsp"], {
    env: { PATH: process.env.PATH ?? "", HOME: "/nowhere" },
  });
  const reader = createMessageReader();
  const received: Message[] = [];
  const waiting = new Set<() => void>();
  let errors = "";
  child.stderr.on("data", (chunk) => (errors += chunk));
  child.stdout.on("data", (chunk: Buffer) => {
    for (const text of reader.read(chunk)) received.push(JSON.parse(text));
    for (const wake of waiting) wake();
  });
  const ended = new Promise<number | null>((done) => child.on("close", done));
  const take = (fits: (message: Message) => boolean): Promise<Message> =>
    new Promise((done, fail) => {
      const deadline = setTimeout(() => fail(new Error(`no answer came; ${errors}`)), DEADLINE_MS);
      const look = () => {
        const index = received.findIndex(fits);
        const [found] = index < 0 ? [] : received.splice(index, 1);
        if (found === undefined) return;
        clearTimeout(deadline);
        waiting.delete(look);
        done(found);
      };
      waiting.add(look);
      look();
    });
  let lastId = 0;
  const write = (text: string) => child.stdin.write(text);
  return {
    write,
    ended,
    errors: () => errors,
    close: () => child.stdin.end(),
    kill: () => child.kill(),
    notify: (method: string, params: object = {}) => write(frameMessage({ jsonrpc: "2.0", method, params })),
    request: (method: string, params: object = {}) => {
      const id = ++lastId;
      write(frameMessage({ jsonrpc: "2.0", id, method, params }));
      return take((message) => message.id === id);
    },
    diagnostics: async (uri: string) => {
      const found = await take(
        ({ method, params }) => method === "textDocument/publishDiagnostics" && params?.uri === uri,
      );
      return found.params?.diagnostics;
    },
    nextError: () => take(({ id }) => id === null),
  };
}

const editors: ReturnType<typeof startEditor>[] = [];
async function openEditor() {
  const editor = startEditor();
  editors.push(editor);
  const { result } = await editor.request("initialize", { processId: null, rootUri: null, capabilities: {} });
  editor.notify("initialized");
  return { ...editor, result };
}
afterEach(() => {
  for (const editor of editors.splice(0)) editor.kill();
});

function open(editor: ReturnType<typeof startEditor>, text: string, uri = "file:///flow.yaml") {
  editor.notify("textDocument/didOpen", { textDocument: { uri, languageId: "yaml", version: 1, text } });
  return { textDocument: { uri } };
}

describe("stigmer lsp", () => {
  test("says what it can do, and ends as it is told", async () => {
    const editor = await openEditor();
    expect(editor.result).toMatchObject({
      capabilities: { textDocumentSync: { openClose: true, change: 1 }, hoverProvider: true },
      serverInfo: { name: "stigmer" },
    });
    expect(await editor.request("shutdown")).toMatchObject({ result: null });
    editor.notify("exit");
    expect(await editor.ended).toBe(0);
  });

  test("publishes problems with their words, offers the edit, and takes them back", async () => {
    const editor = await openEditor();
    const target = open(editor, FLOW);
    const range = { start: { line: 4, character: 14 }, end: { line: 4, character: 19 } };
    const found = await editor.diagnostics("file:///flow.yaml");
    expect(found).toContainEqual(
      expect.objectContaining({ range, severity: 1, code: "unknown-field", source: "stigmer" }),
    );
    const { result } = await editor.request("textDocument/codeAction", {
      ...target,
      range,
      context: { diagnostics: [] },
    });
    expect(result).toMatchObject([
      { title: 'Replace with "method"', edit: { changes: { "file:///flow.yaml": [{ range, newText: "method" }] } } },
    ]);
    const text = FLOW.replace("metod", "method");
    const changed = { textDocument: { uri: "file:///flow.yaml", version: 2 }, contentChanges: [{ text }] };
    editor.notify("textDocument/didChange", changed);
    expect(await editor.diagnostics("file:///flow.yaml")).toEqual([]);
  });

  test("completes, explains and outlines", async () => {
    const editor = await openEditor();
    const target = open(editor, FLOW.replace("metod", "method").replace("then: tell", "then: "));
    const completed = await editor.request("textDocument/completion", {
      ...target,
      position: { line: 5, character: 12 },
    });
    expect(completed.result).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ label: "tell", kind: 18 }),
        expect.objectContaining({ label: "end" }),
      ]),
    );
    const hovered = await editor.request("textDocument/hover", { ...target, position: { line: 7, character: 7 } });
    expect(hovered.result).toMatchObject({
      contents: { kind: "markdown", value: expect.stringContaining("The output.") },
      range: { start: { line: 7, character: 6 }, end: { line: 7, character: 9 } },
    });
    const outlined = await editor.request("textDocument/documentSymbol", target);
    expect(outlined.result).toMatchObject([
      { name: "fetch", detail: "call", selectionRange: { start: { line: 2, character: 4 } } },
      { name: "tell", detail: "set" },
    ]);
  });

  test("knows each document of a file, test files, and leaves foreign files alone", async () => {
    const editor = await openEditor();
    const agent = "apiVersion: stigmer.ai/v1\nkind: Agent\nmetadata: { name: a }\nspec:\n  instructons: x\n";
    const target = open(editor, `${FLOW.replace("metod", "method")}---\n${agent}`, "file:///both.yaml");
    expect(await editor.diagnostics("file:///both.yaml")).toContainEqual(
      expect.objectContaining({
        code: "unknown-field",
        range: { start: { line: 13, character: 2 }, end: { line: 13, character: 13 } },
      }),
    );
    const { result } = await editor.request("textDocument/completion", {
      ...target,
      position: { line: 13, character: 4 },
    });
    expect(result).toContainEqual(expect.objectContaining({ label: "instructions" }));
    open(editor, "workflow: flow.yaml\ntets: []\n", "file:///flow.test.yaml");
    expect(await editor.diagnostics("file:///flow.test.yaml")).toContainEqual(
      expect.objectContaining({ code: "unknown-field", data: { replacement: "tests" } }),
    );
    open(editor, "services: { web: { image: nginx } }\n", "file:///compose.yaml");
    expect(await editor.diagnostics("file:///compose.yaml")).toEqual([]);
    editor.notify("textDocument/didClose", target);
    expect(await editor.diagnostics("file:///both.yaml")).toEqual([]);
  });

  test("a test file knows the tasks of its workflow", async () => {
    const editor = await openEditor();
    const uri = pathToFileURL(join(ROOT, "examples/flaky-service/open.test.yaml")).href;
    const head = "workflow: workflow.yaml\ntests:\n  - name: t\n    mocks:\n      - task: ";
    const target = open(editor, `${head}pots\n        returns: 1\n`, uri);
    expect(await editor.diagnostics(uri)).toMatchObject([{ code: "unknown-task", data: { replacement: "post" } }]);
    const { result } = await editor.request("textDocument/completion", {
      ...target,
      position: { line: 4, character: 14 },
    });
    expect(result).toContainEqual(expect.objectContaining({ label: "confirm" }));
  });

  test("answers what is wrong with an error and goes on", async () => {
    const editor = startEditor();
    editors.push(editor);
    expect((await editor.request("textDocument/hover")).error?.code).toBe(-32_002);
    await editor.request("initialize");
    expect((await editor.request("initialize")).error?.code).toBe(-32_600);
    expect((await editor.request("toString")).error?.code).toBe(-32_601);
    const target = open(editor, FLOW);
    expect((await editor.request("textDocument/hover", target)).error?.code).toBe(-32_602);
    expect((await editor.request("textDocument/hover", {})).error?.code).toBe(-32_602);
    editor.write("Content-Length: 3\r\n\r\n{]}");
    expect((await editor.nextError()).error?.code).toBe(-32_700);
    const position = { line: 99, character: 99 };
    expect(await editor.request("textDocument/completion", { ...target, position })).toHaveProperty("result");
    const unknown = { textDocument: { uri: "file:///closed.yaml" }, position };
    expect(await editor.request("textDocument/hover", unknown)).toMatchObject({ result: null });
    editor.notify("exit");
    expect(await editor.ended).toBe(1);
  });

  test("ends well when the editor goes away", async () => {
    const editor = await openEditor();
    editor.close();
    expect(await editor.ended).toBe(0);
  });

  test.each(["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "Content-Length: 999999999\r\n\r\n", "x".repeat(5_000)])(
    "ends with an error when %j comes in",
    async (text) => {
      const editor = startEditor();
      editors.push(editor);
      editor.write(text);
      editor.close();
      expect(await editor.ended).toBe(2);
      expect(editor.errors()).toContain("Cannot read what the editor says");
    },
  );
});

describe("createMessageReader()", () => {
  test("cuts a stream at any byte", () => {
    const messages = [{ a: "ä€𝄞" }, { b: 2 }];
    const bytes = Buffer.from(messages.map(frameMessage).join(""));
    for (let at = 0; at <= bytes.length; at++) {
      const reader = createMessageReader();
      const texts = [...reader.read(bytes.subarray(0, at)), ...reader.read(bytes.subarray(at))];
      expect(texts.map((text) => JSON.parse(text))).toEqual(messages);
    }
  });
});
