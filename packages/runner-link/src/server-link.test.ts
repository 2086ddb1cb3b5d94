import type { DurableProgram } from "@stigmer/durable";
import { TestEffects } from "@stigmer/durable/testsuite";
import { expect, test } from "vitest";
import { createRunner, createServerLink } from "./index.ts";
import { FAKE_TOKEN, listenFakeServer } from "./runner-link.testsuite.ts";

function connect(socket: string, token: string, program: DurableProgram, effects = new TestEffects()) {
  const link = createServerLink({ address: { socket }, token: () => token });
  const warnings: string[] = [];
  const runner = createRunner({
    component: "workflow-runner",
    instance: "one",
    version: "0.0.0",
    capacity: 10,
    openChannel: link.openChannel,
    programs: { p: { program, minVersion: 1, maxVersion: 1 } },
    runEffect: async (call, { resolveSecrets, ...context }) => {
      if (call.kind === "secret") return (await resolveSecrets([String(call.input)]))[String(call.input)] ?? null;
      return effects.run(call, { ...context, signal: { aborted: false, onAbort: () => () => {} } });
    },
    resolveSecrets: link.resolveSecrets,
    log: { info: () => {}, warn: (_message, fields) => warnings.push(String(fields?.error)) },
  });
  runner.start();
  return { link, runner, effects, warnings };
}

test("an execution runs over a real stream, a cut connection in the middle included", async () => {
  const server = await listenFakeServer();
  const effects = new TestEffects();
  const { runner, link } = connect(
    server.socket,
    FAKE_TOKEN,
    async (durable) => {
      const one = await durable.effect({ key: "one", kind: "gate", input: null, crash: "repeat" });
      return [one, await durable.effect({ key: "two", kind: "secret", input: "name", crash: "unknown" })];
    },
    effects,
  );
  await runner.ready;
  const run = server.fake.start({ program: "p", input: null });
  await effects.begun("one");
  server.cut();
  effects.open("one", 1);
  expect(await run.ended).toEqual({ kind: "completed", output: [1, { secretOf: "name" }] });
  const digest = await link.putBlob(new Uint8Array([1, 2, 3]));
  expect(await link.getBlob(digest)).toEqual(new Uint8Array([1, 2, 3]));
  await runner.stop();
  server.close();
});

test("a refused token is named, and the runner goes on trying", async () => {
  const server = await listenFakeServer();
  const { runner, warnings } = connect(server.socket, "wrong", async () => null);
  const deadline = performance.now() + 5000;
  while (warnings.length < 1 && performance.now() < deadline) await new Promise((resolve) => setImmediate(resolve));
  expect(warnings[0]).toContain("no runner's token");
  await runner.stop(0);
  server.close();
});
