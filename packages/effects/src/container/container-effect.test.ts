import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, watch, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Json } from "@stigmer/durable";
import { identifyProcess } from "@stigmer/lifecycle";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { EffectContext } from "../effect-context.ts";
import { failureOf, testContext } from "../effects.testsuite.ts";
import { createEffects, type EffectsOptions } from "../effects.ts";

const cleanups: (() => void | Promise<void>)[] = [];
let stateDir = "";
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), "engine-"));
  const program = join(import.meta.dirname, "fake-engine.testsuite.ts");
  const script = `#!/bin/sh\nexec '${process.execPath}' '${program}' '${stateDir}' "$@"\n`;
  writeFileSync(join(stateDir, "docker"), script, { mode: 0o755 });
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  rmSync(stateDir, { recursive: true, force: true });
});

function bench(more: { signal?: AbortSignal; options?: EffectsOptions } = {}) {
  const { context, dispose } = testContext({ password: "geheim" }, more.signal);
  const effects = createEffects({
    containers: { engines: ["no-such-engine", join(stateDir, "docker")] },
    ...more.options,
  });
  cleanups.push(dispose, () => effects.close());
  const handler = effects.handlers.container;
  if (!handler) throw new Error("no container effect");
  const run = (input: { readonly [name: string]: Json }, changes: Partial<EffectContext> = {}) =>
    handler({ image: "alpine:3", ...input }, { ...context, ...changes });
  return { run, context };
}

const calls = (verb: string): string[][] =>
  readFileSync(join(stateDir, "calls"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as string[])
    .filter(([one]) => one === verb);
const containers = () => (existsSync(join(stateDir, "containers")) ? readdirSync(join(stateDir, "containers")) : []);

/** Resolves when the state of the engine is as wanted; fails after ten seconds. */
function waitUntil(isSo: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      watcher.close();
      settle();
    };
    const watcher = watch(stateDir, { recursive: true }, () => isSo() && finish(resolve));
    const timer = setTimeout(() => finish(() => reject(new Error("it did not become so"))), 10_000);
    if (isSo()) finish(resolve);
  });
}

/** Resolves when a container stands. */
const started = () => waitUntil(() => containers().length > 0);

describe("run: container", () => {
  test("runs a command with arguments and standard input", async () => {
    const { run } = bench();
    const output = await run({
      command: 'input=$(cat)\necho "STDIN was: $input"\necho "ARGS are $1 $2"\n',
      arguments: ["Foo", "Bar Baz"],
      stdin: "Hello World",
      pullPolicy: "always",
    });
    expect(output).toBe("STDIN was: Hello World\nARGS are Foo Bar Baz\n");
    expect(calls("run")[0]).toEqual(expect.arrayContaining(["--pull", "always"]));
  });

  test("runs the image's own program with arguments", async () => {
    expect(await bench().run({ arguments: ["-v", 1], trim: true })).toBe("args: -v 1");
  });

  test("keeps values of variables out of the argument list", async () => {
    const { run } = bench();
    const password: Json = { $deferred: { expression: "$secrets.password", input: null, variables: {} } };
    const environment = { PASSWORD: password, LINES: "a\nb", PATH: "/bin:/usr/bin" };
    const output = await run({
      command: 'printf "%s|%s|%s|%s" "${#PASSWORD}" "$PASSWORD" "$LINES" "$PATH"',
      environment,
    });
    expect(output).toBe("6|[redacted]|a\nb|/bin:/usr/bin");
    expect(readFileSync(join(stateDir, "calls"), "utf8")).not.toContain("geheim");
    const failed = await failureOf(run({ environment: { DOCKER_HOST: password } }));
    expect(failed.detail).toContain("cannot hold a secret");
  });

  test("publishes ports to this machine only, and mounts folders of the workspace", async () => {
    const { run, context } = bench();
    await run({
      ports: { "8080": 80, "0.0.0.0:53": "53/udp" },
      volumes: { "./data": "/data:ro", cache: "/cache", [context.workspaceDir]: "/all" },
    });
    const args = calls("run")[0] ?? [];
    const valuesOf = (option: string) => args.filter((_, index) => args[index - 1] === option);
    expect(valuesOf("--publish")).toEqual(["127.0.0.1:8080:80", "0.0.0.0:53:53/udp"]);
    expect(valuesOf("--volume")).toEqual([
      `${context.workspaceDir}/data:/data:ro`,
      "cache:/cache",
      `${context.workspaceDir}:/all`,
    ]);
  });

  test.each<[string, Json, Json]>([
    ["code", "exit 3", 3],
    ["all", "echo out; echo err >&2; exit 4", { code: 4, stdout: "out\n", stderr: "err\n" }],
    ["stderr", "echo err >&2", "err\n"],
    ["none", "echo out", null],
  ])("returns %s", async (returns, command, expected) => {
    expect(await bench().run({ command, return: returns })).toEqual(expected);
  });

  test.each<[string, Json | undefined, number]>([
    ["never, which is the default", undefined, 1],
    ["always", { cleanup: "always" }, 0],
    ["eventually", { cleanup: "eventually", afterMs: 60_000 }, 1],
  ])("cleans up %s", async (_name, lifetime, left) => {
    await bench().run(lifetime === undefined ? {} : { lifetime });
    expect(containers()).toHaveLength(left);
  });

  test("removes the container of `eventually` after its time", async () => {
    await bench().run({ lifetime: { cleanup: "eventually", afterMs: 50 } });
    await waitUntil(() => containers().length === 0);
  });

  test("another process takes over the containers of one that ended", async () => {
    await bench().run({ lifetime: { cleanup: "eventually", afterMs: 1 } }, { key: "/do/0/old#1" });
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
    const [old = "none"] = containers();
    await bench().run({});
    await waitUntil(() => !containers().includes(old));
    expect(containers()).toHaveLength(1);
  });

  test("removes what an earlier try of the same call left, and nothing else", async () => {
    const { run } = bench();
    await run({});
    await run({}, { attempt: 2 });
    await run({}, { key: "/do/1/other#1" });
    expect(containers()).toHaveLength(2);
    await run({ name: "mine" }, { key: "/do/2/named#1" });
    const failed = await failureOf(run({ name: "mine" }, { key: "/do/3/named#1" }));
    expect(failed).toMatchObject({
      type: expect.stringContaining("runtime"),
      detail: expect.stringContaining("in use"),
    });
    expect(containers()).toContain("mine");
  });

  test.each(["always", "never"])("ends a running container with its signal (cleanup %s)", async (cleanup) => {
    const abort = new AbortController();
    const { run } = bench({ signal: abort.signal });
    const running = failureOf(run({ command: "sleep 600", lifetime: { cleanup } }));
    await started();
    const pid = (
      JSON.parse(readFileSync(join(stateDir, "containers", containers()[0] ?? ""), "utf8")) as { pid: number }
    ).pid;
    abort.abort();
    expect(await running).toMatchObject({ title: "Cancelled" });
    expect(identifyProcess(pid)).toBe(undefined);
    expect(containers()).toHaveLength(cleanup === "always" ? 0 : 1);
  });

  test("says clearly that there is no engine", async () => {
    const { run } = bench({ options: { containers: { engines: ["no-such-docker", "no-such-podman"] } } });
    expect(await failureOf(run({}))).toMatchObject({
      type: expect.stringContaining("configuration"),
      detail: expect.stringContaining("none of no-such-docker, no-such-podman"),
    });
  });

  test("an exit code other than 0 is a failure with what it said", async () => {
    const failed = await failureOf(bench().run({ command: "echo sorry >&2; exit 7" }));
    expect(failed).toMatchObject({ type: expect.stringContaining("runtime"), data: { code: 7 } });
    expect(failed.detail).toContain("sorry");
  });

  test.each<[string, { readonly [name: string]: Json }, string]>([
    ["an image that cannot be pulled", { image: "missing", return: "all" }, "pull access denied"],
    ["an option as image", { image: "--privileged" }, "no name of an image"],
    ["a bad name", { name: "a b" }, "no name of a container"],
    ["a bad port", { ports: { web: 80 } }, "port"],
    ["a bad target", { volumes: { "./a": "data" } }, "no absolute path"],
    ["the machine's folders", { volumes: { "/etc": "/etc" } }, "outside of the workspace"],
    ["a step up", { volumes: { "./../..": "/up" } }, "outside of the workspace"],
    ["no time", { lifetime: { cleanup: "eventually" } }, 'needs "after"'],
    ["an unknown policy", { pullPolicy: "sometimes" }, "pullPolicy"],
  ])("refuses %s", async (_name, input, detail) => {
    expect((await failureOf(bench().run(input))).detail).toContain(detail);
  });

  test("follows links before it mounts", async () => {
    const { run, context } = bench();
    symlinkSync("/etc", join(context.workspaceDir, "link"));
    expect((await failureOf(run({ volumes: { "./link": "/data" } }))).detail).toContain("outside of the workspace");
  });
});
