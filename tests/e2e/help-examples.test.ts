import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createScratchRoot, createTestHome, type TestHome } from "./platform-fixture.ts";

/** Examples name made-up ids; here they stand for real ones. */
const PLACEHOLDERS = {
  execution: "wex_01J00000000000000000000000",
  session: "ses_01J00000000000000000000000",
} as const;

/** Commands that need another order than that of the help: what makes things first, what ends things last. */
const FIRST = ["up", "apply", "secret set", "run"];
const LAST = [
  "cancel",
  "secret delete",
  "session delete",
  "delete",
  "down",
  "restore",
  "server start",
  "server status",
  "server logs",
  "server stop",
  "uninstall",
];

const home: TestHome = createTestHome();
const scratch = createScratchRoot(home);
const examples = inOrder(await readExamples());
const ids = { waiting: "", ended: "", session: "", asking: "" };

const QUESTION = `document: {dsl: "1.0.3", namespace: examples, name: question, version: "1.0.0"}
do: [{ask: {call: human, with: {title: May it go out?}}}]
`;

beforeAll(async () => {
  await home.text(["up", "--port", "0"]);
  for (const example of ["data-flow", "long-wait", "order-events"]) {
    await home.text(["apply", "-f", `examples/${example}/workflow.yaml`]);
  }
  await home.text(["apply", "-f", "examples/reviewer"]);
  await home.text(["run", "reviewer", "--workspace", "examples/reviewer/notes", "-m", "May it go out?"]);
  ids.session = (await home.text(["session", "list", "-o", "name"])).trim().split("\n")[0] ?? "";
  ids.waiting = (await home.text(["run", "order-events", "--detach"])).trim();
  ids.ended = (await home.text(["run", "order-events", "--detach"])).trim();
  await home.text(["event", "publish", "-f", "examples/order-events/payment.json"]);
  ids.waiting = (await home.text(["run", "order-events", "--detach"])).trim();
  await home.text(["apply", "-f", "-"], { input: QUESTION });
  ids.asking = (await home.text(["run", "question", "--detach"])).trim();
  while ((await home.text(["decisions", "-o", "name"])) === "");
});
afterAll(() => home.remove());

describe("the examples in the help", () => {
  test("stand at every command", () => {
    expect(new Set(examples.map(({ command }) => command)).size).toBeGreaterThanOrEqual(42);
  });

  test.each(examples)("$line", async ({ command, line }) => {
    const id =
      command === "decide" ? ids.asking : ["pause", "resume", "cancel"].includes(command) ? ids.waiting : ids.ended;
    const real = line.replaceAll(PLACEHOLDERS.execution, id).replaceAll(PLACEHOLDERS.session, ids.session);
    const { status, stderr } = await home.shell(real, { cwd: scratch, env: { STIGMER_PORT: "0" } });
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringContaining("Error") });
  });
});

interface Example {
  readonly command: string;
  readonly line: string;
}

/** Every example of every command, as the help of the executable prints them. */
async function readExamples(): Promise<readonly Example[]> {
  const commands = (
    await Promise.all(
      (
        await commandsOf([])
      ).map(async (word) => {
        const words = await commandsOf([word]);
        return words.length === 0 ? [[word]] : words.map((second) => [word, second]);
      }),
    )
  ).flat();
  const found = await Promise.all(
    commands.map(async (words) => {
      const help = await home.text([...words, "--help"]);
      const lines = help.split("\nExamples:\n")[1]?.trimEnd().split("\n") ?? [];
      return lines.map((line) => ({ command: words.join(" "), line: line.trim().replace(/^\$ /, "") }));
    }),
  );
  return found.flat();
}

/** The words under "Commands:" in a help text. */
async function commandsOf(words: readonly string[]): Promise<readonly string[]> {
  const help = await home.text([...words, "--help"]);
  const list = help.split("\nCommands:\n")[1]?.split("\n\n")[0] ?? "";
  return [...list.matchAll(/^ {2}(\S+)/gm)].map((match) => match[1] ?? "").filter((word) => word !== "help");
}

function inOrder(all: readonly Example[]): readonly Example[] {
  const rank = ({ command }: Example) => {
    if (FIRST.includes(command)) return FIRST.indexOf(command) - FIRST.length;
    return LAST.indexOf(command) + 1;
  };
  return [...all].sort((a, b) => rank(a) - rank(b));
}
