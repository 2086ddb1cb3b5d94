import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Phase, StigmerError } from "@stigmer/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createClient } from "./create-client.ts";

const SERVER = join(import.meta.dirname, "../../server/src/main.ts");
const WORKFLOW =
  'document: {dsl: "1.0.3", namespace: default, name: w, version: "1.0.0"}\ndo: [{one: {set: {a: 1}}}]\n';

/** The real server as a process, because this package must not import it. */
async function startServer(variables: Readonly<Record<string, string>> = {}) {
  const home = mkdtempSync(join(tmpdir(), "stigmer-sdk-"));
  const child = spawn(process.execPath, [SERVER], {
    env: { PATH: process.env.PATH, STIGMER_HOME: home, STIGMER_PORT: "0", ...variables },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const { address, socket } = JSON.parse(line.toString()).ready as {
    readonly address: string;
    readonly socket: string;
  };
  const token = readFileSync(join(home, "auth", "client-token"), "utf8").trim();
  return {
    socket,
    baseUrl: address.includes("://") ? address : `http://${address}`,
    token,
    async close() {
      child.kill("SIGTERM");
      await once(child, "exit");
      rmSync(home, { recursive: true, force: true });
    },
  };
}

let server: Awaited<ReturnType<typeof startServer>>;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

async function failureOf(call: Promise<unknown>): Promise<StigmerError> {
  const error = await call.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(StigmerError);
  return error as StigmerError;
}

describe("createClient()", () => {
  test.each([
    ["the socket", () => ({ socketPath: server.socket })],
    ["the port with the token", () => ({ baseUrl: server.baseUrl, token: server.token })],
  ])("calls over %s", async (_name, address) => {
    const client = createClient(address());
    expect(await (await client.system()).handshake({ apiMajor: 1 })).toMatchObject({ compatible: true });
    const resources = await client.resources();
    expect((await resources.apply({ source: WORKFLOW })).resource?.metadata?.name).toBe("w");
    expect((await (await client.blobs()).putBlob({ content: Buffer.from("x") })).digest).toMatch(/^sha256:/);
    expect((await (await client.sessions()).listSessions({})).sessions).toEqual([]);
    client.close();
  });

  test("streams to the final phase", async () => {
    const executions = await createClient({ socketPath: server.socket }).executions();
    const phases: Phase[] = [];
    for await (const { update } of executions.run({ start: { source: WORKFLOW } })) {
      if (update.case !== "snapshot") continue;
      phases.push(update.value.phase);
      if (phases.length === 1) await executions.cancel({ id: update.value.id });
    }
    expect(phases).toEqual([Phase.PENDING, Phase.CANCELLED]);
  });

  test("errors are whole: reason, hint, findings", async () => {
    const resources = await createClient({ socketPath: server.socket }).resources();
    const failure = await failureOf(resources.apply({ source: "a: [" }));
    expect(failure).toMatchObject({ reason: "INVALID_DEFINITION", code: "invalid_argument" });
    expect(failure.details.findings?.[0]).toMatchObject({ line: 1, severity: "error" });
    expect(
      (await failureOf(resources.get({ ref: { kind: "Workflow", name: "no" } }))).details.findings,
    ).toBeUndefined();
  });

  test("an error inside a stream arrives too", async () => {
    const executions = await createClient({ socketPath: server.socket }).executions();
    const read = async () => {
      for await (const _ of executions.watch({ id: "wex_01ARYZ6S410000000000000000" }));
    };
    expect((await failureOf(read())).reason).toBe("EXECUTION_NOT_FOUND");
  });

  test("a signal and a deadline end a call", async () => {
    const executions = await createClient({ socketPath: server.socket }).executions();
    const { execution } = await executions.start({ source: WORKFLOW });
    const stop = new AbortController();
    const read = async (options: { signal?: AbortSignal; timeoutMs?: number }) => {
      for await (const _ of executions.watch({ id: execution?.id ?? "" }, options)) stop.abort();
    };
    expect((await failureOf(read({ signal: stop.signal }))).reason).toBe("INTERRUPTED");
    expect((await failureOf(read({ timeoutMs: 200 }))).reason).toBe("TIMEOUT");
  });

  test("a wrong token is refused", async () => {
    const system = await createClient({ baseUrl: server.baseUrl, token: "wrong" }).system();
    expect((await failureOf(system.status({}))).reason).toBe("UNAUTHENTICATED");
  });

  test("nobody there, a foreign program and a cut answer are SERVER_UNREACHABLE", async () => {
    const absent = await createClient({ socketPath: join(tmpdir(), "stigmer-no-such.sock") }).system();
    expect((await failureOf(absent.status({}))).reason).toBe("SERVER_UNREACHABLE");
    const foreign = createServer((_request, response) => response.writeHead(404).end("<html>")).listen(0, "127.0.0.1");
    const cut = createTcpServer((socket) => {
      socket.on("error", () => {}).once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nx"));
    }).listen(0, "127.0.0.1");
    for (const listener of [foreign, cut]) {
      if (!listener.listening) await once(listener, "listening");
      const address = listener.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      const system = await createClient({ baseUrl: `http://127.0.0.1:${port}`, token: "t" }).system();
      expect((await failureOf(system.status({}))).reason).toBe("SERVER_UNREACHABLE");
      listener.close();
    }
  });

  test.each(["http://192.0.2.1:7234", "http://stigmer.example", "ftp://localhost:1"])(
    "no token goes to %s",
    async (baseUrl) => {
      const far = await createClient({ baseUrl, token: "t" }).system();
      expect((await failureOf(far.status({}))).reason).toBe("CONFIGURATION_INVALID");
    },
  );

  test("calls over TLS whom it trusts, and nobody else", async () => {
    const folder = mkdtempSync(join(tmpdir(), "stigmer-sdk-tls-"));
    const [key, certificate] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const made = spawnSync("openssl", [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"],
      ...["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
    ]);
    expect(made.status).toBe(0);
    const secure = await startServer({ STIGMER_TLS_CERT: certificate, STIGMER_TLS_KEY: key });
    const ca = readFileSync(certificate, "utf8");
    const { baseUrl, token } = secure;
    expect(baseUrl).toMatch(/^https:/);
    const trusting = await createClient({ baseUrl, token, ca }).executions();
    const phases: Phase[] = [];
    for await (const { update } of trusting.run({ start: { source: WORKFLOW } })) {
      if (update.case !== "snapshot") continue;
      phases.push(update.value.phase);
      if (phases.length === 1) await trusting.cancel({ id: update.value.id });
    }
    expect(phases).toEqual([Phase.PENDING, Phase.CANCELLED]);
    const wary = await createClient({ baseUrl, token }).system();
    expect((await failureOf(wary.status({}))).reason).toBe("SERVER_UNREACHABLE");
    await secure.close();
    rmSync(folder, { recursive: true });
  });
});
