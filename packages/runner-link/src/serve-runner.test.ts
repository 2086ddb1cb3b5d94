import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DurableProgram, Json } from "@stigmer/durable";
import {
  type ComponentContext,
  ComponentFailure,
  createLogger,
  createRedactor,
  EXIT,
  readComponentEnvironment,
} from "@stigmer/lifecycle";
import { expect, test } from "vitest";
import { type HandlerContext, serveRunner } from "./index.ts";
import { FAKE_TOKEN, listenFakeServer } from "./runner-link.testsuite.ts";

function componentContext(variables: Record<string, string>) {
  const redactor = createRedactor();
  const lines: string[] = [];
  const log = createLogger({ component: "test", level: "debug", redactor, write: (line) => lines.push(line) });
  const context: ComponentContext = { environment: readComponentEnvironment(variables), log, redactor, fail: () => {} };
  return { context, lines };
}

const program: DurableProgram = (durable, input) =>
  durable.effect({ key: "one", kind: String((input as { kind: Json }).kind), input: "hello", crash: "repeat" });

test("effects get the execution's folder, its secrets and its key", async () => {
  const server = await listenFakeServer();
  const tokenFile = join(server.folder, "token");
  writeFileSync(tokenFile, `${FAKE_TOKEN}\n`);
  const { context, lines } = componentContext({
    STIGMER_HOME: server.folder,
    STIGMER_SOCKET: server.socket,
    STIGMER_TOKEN_FILE: tokenFile,
  });
  const seen: HandlerContext[] = [];
  let isClosed = false;
  const running = await serveRunner({
    component: "workflow-runner",
    context,
    programs: { p: program },
    workspaceKinds: ["shell"],
    createEffects: () => ({
      handlers: {
        shell: async (input, handlerContext) => {
          seen.push(handlerContext);
          return [input, await handlerContext.resolveSecrets([...handlerContext.declaredSecrets])];
        },
        pure: async (_input, { workspaceDir }) => existsSync(workspaceDir),
      },
      close: () => {
        isClosed = true;
      },
    }),
  });
  const definition = { use: { secrets: ["token"] } };
  const shell = server.fake.start({ program: "p", input: { kind: "shell", definition } });
  expect(await shell.ended).toEqual({ kind: "completed", output: ["hello", { token: { secretOf: "token" } }] });
  expect(statSync(join(server.folder, "data", "workspaces", shell.id)).mode & 0o777).toBe(0o700);
  expect(seen[0]).toMatchObject({ executionId: shell.id, namespace: "default", key: "one", attempt: 1 });
  expect(seen[0]?.idempotencyKey).toMatch(/^[0-9a-f]{32}$/);
  const pure = server.fake.start({ program: "p", input: { kind: "pure" } });
  expect(await pure.ended).toEqual({ kind: "completed", output: false });
  const unknown = server.fake.start({ program: "p", input: { kind: "teleport" } });
  expect(await unknown.ended).toMatchObject({ kind: "failed", failure: { status: 400, title: "unknown effect" } });
  await running.stop();
  expect(isClosed).toBe(true);
  expect(lines.join("")).not.toContain(FAKE_TOKEN);
  server.close();
});

test("a runner without a token does not start, and a restart cannot help", async () => {
  const { context } = componentContext({ STIGMER_HOME: "/nowhere" });
  const start = serveRunner({
    component: "workflow-runner",
    context,
    programs: {},
    workspaceKinds: [],
    createEffects: () => ({ handlers: {}, close: () => {} }),
  });
  await expect(start).rejects.toBeInstanceOf(ComponentFailure);
  await expect(start).rejects.toMatchObject({ exitCode: EXIT.configuration, reason: "CONFIGURATION_INVALID" });
});
