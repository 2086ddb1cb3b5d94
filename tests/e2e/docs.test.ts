import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createScratchRoot, createTestHome, ROOT, type TestHome } from "./platform-fixture.ts";

const GUIDE = "docs/guide";
const guides = existsSync(join(ROOT, GUIDE))
  ? readdirSync(join(ROOT, GUIDE)).filter((name) => name.endsWith(".md"))
  : [];
const pages = ["README.md", ...guides.map((name) => join(GUIDE, name))];

test("there is a README", () => {
  expect(existsSync(join(ROOT, "README.md"))).toBe(true);
});

describe.each(pages.filter((page) => existsSync(join(ROOT, page))))("%s", (page) => {
  const commands = readCommands(readFileSync(join(ROOT, page), "utf8"));
  let home: TestHome;
  let scratch: string;
  beforeAll(async () => {
    if (commands.length === 0) return;
    home = createTestHome();
    scratch = createScratchRoot(home);
    await home.text(["up", "--port", "0"]);
  });
  afterAll(() => home?.remove());

  test("says what it shows in words that a shell understands", () => {
    for (const { command } of commands) expect(command).toMatch(/^stigmer /);
  });

  test.each(commands)("line $line: $command", async ({ command }) => {
    const { status, stdout, stderr } = await home.shell(command, { cwd: scratch, env: { STIGMER_PORT: "0" } });
    expect({ status, output: `${stdout}${stderr}` }).toEqual({ status: 0, output: expect.any(String) });
  });
});

interface DocumentedCommand {
  /** Line of the page, from 1. */
  readonly line: number;
  readonly command: string;
}

/** The `$ stigmer …` lines (and `$ … | stigmer …`) of the blocks marked `sh`, with their continuation lines. */
function readCommands(text: string): readonly DocumentedCommand[] {
  const commands: DocumentedCommand[] = [];
  let block: string | undefined;
  let open: { line: number; command: string } | undefined;
  for (const [at, line] of text.split("\n").entries()) {
    const fence = /^\s*```(\w*)/.exec(line);
    if (fence) {
      block = block === undefined ? fence[1] : undefined;
      open = undefined;
      continue;
    }
    if (block !== "sh") continue;
    const begins = /^\s*\$ (.*)$/.exec(line)?.[1];
    const piece: string | undefined = open ? line.trim() : begins?.startsWith("stigmer ") ? begins : undefined;
    if (piece === undefined) continue;
    const command: string = `${open?.command ?? ""}${piece.replace(/\\$/, "")}`;
    open = piece.endsWith("\\") ? { line: open?.line ?? at + 1, command } : undefined;
    if (!open) commands.push({ line: at + 1, command });
  }
  return commands;
}
