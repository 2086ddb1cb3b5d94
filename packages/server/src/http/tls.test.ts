import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import http2 from "node:http2";
import { request } from "node:https";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { StigmerError, SystemService } from "@stigmer/api";
import { readComponentEnvironment } from "@stigmer/lifecycle";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { failureOf, rawConnection, startTestServer, type TestServer } from "../server.testsuite.ts";
import { makeTestFolder } from "../test-folder.testsuite.ts";
import { readTls } from "./read-tls.ts";

/** An address of this machine that is none of the three of loopback. */
const HOST = "127.0.0.2";

const folder = makeTestFolder();
const [certificate, key, otherKey] = ["cert.pem", "key.pem", "other.pem"].map((name) => join(folder, name)) as [
  string,
  string,
  string,
];

function makePair(certFile: string, keyFile: string): void {
  const made = spawnSync("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"],
    ...["-subj", "/CN=stigmer.test", "-addext", `subjectAltName=DNS:Stigmer.test,DNS:*.wild.test,IP:${HOST}`],
    ...["-keyout", keyFile, "-out", certFile],
  ]);
  if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`);
}

let running: TestServer;
beforeAll(async () => {
  makePair(join(folder, "other-cert.pem"), otherKey);
  makePair(certificate, key);
  const variables = { STIGMER_HOST: HOST, STIGMER_TLS_CERT: certificate, STIGMER_TLS_KEY: key };
  running = await startTestServer({ variables });
});
afterAll(() => running.close());

/** A request by HTTP/1.1 over TLS. */
function get(path: string, headers: Readonly<Record<string, string>>): Promise<{ status: number; version: string }> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        ...{ host: HOST, port: running.port, path, agent: false, headers },
        ca: readFileSync(certificate),
        // The client would look for the Host of the request in the certificate; here the server is to judge it.
        checkServerIdentity: () => undefined,
      },
      (response) => {
        response
          .resume()
          .once("end", () => resolve({ status: response.statusCode ?? 0, version: response.httpVersion }));
      },
    );
    call.once("error", reject).end();
  });
}

function handshake(options: {
  readonly ALPNProtocols?: string[];
  readonly maxVersion?: "TLSv1.1";
}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: HOST, port: running.port, ca: readFileSync(certificate), ...options });
    socket.once("secureConnect", () => resolve(socket)).once("error", reject);
  });
}

describe("a port with TLS", () => {
  test("opens beyond loopback and says so", () => {
    expect(running.server.address).toBe(`https://${HOST}:${running.port}`);
  });

  test.each([
    ["h2 and http/1.1", ["h2", "http/1.1"], "h2"],
    ["http/1.1", ["http/1.1"], "http/1.1"],
    ["nothing", undefined, false],
  ])("agrees with a client that offers %s", async (_name, offered, chosen) => {
    const socket = await handshake(offered === undefined ? {} : { ALPNProtocols: offered });
    expect([socket.alpnProtocol, socket.authorized]).toEqual([chosen, true]);
    socket.destroy();
  });

  test("refuses old versions of TLS", async () => {
    await expect(handshake({ maxVersion: "TLSv1.1" })).rejects.toThrow();
  });

  test("drops what speaks in clear, and goes on", async () => {
    const { closed } = rawConnection(running.port, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", HOST);
    expect((await closed).toString()).not.toContain("HTTP/1.1 200");
    expect((await get("/healthz", { host: `${HOST}:${running.port}` })).status).toBe(200);
  });

  test.each([
    ["Connect over HTTP/1.1", () => createConnectTransport({ ...transport(), httpVersion: "1.1" })],
    ["Connect over HTTP/2", () => createConnectTransport({ ...transport(), httpVersion: "2" })],
    ["gRPC", () => createGrpcTransport(transport())],
  ])("serves %s to whom it knows", async (_name, make) => {
    const client = createClient(SystemService, make());
    expect((await failureOf(client.status({}))).reason).toBe("UNAUTHENTICATED");
    const headers = { authorization: `Bearer ${running.token}` };
    expect((await client.handshake({ apiMajor: 1 }, { headers })).compatible).toBe(true);
  });

  function transport() {
    return { baseUrl: `https://${HOST}:${running.port}`, nodeOptions: { ca: readFileSync(certificate) } };
  }

  test.each([
    ["its host", HOST, 200],
    ["a name of the certificate", "stigmer.test", 200],
    ["loopback", "localhost", 200],
    ["another name", "evil.example", 421],
    ["a name that a wildcard covers", "a.wild.test", 421],
  ])("is called by %s: %s", async (_name, name, status) => {
    expect((await get("/healthz", { host: `${name}:${running.port}` })).status).toBe(status);
  });

  test.each([
    ["https", 200],
    ["http", 403],
  ])("serves a page of its own origin by %s: %i", async (scheme, status) => {
    const origin = `${scheme}://stigmer.test:${running.port}`;
    expect((await get("/healthz", { host: `stigmer.test:${running.port}`, origin })).status).toBe(status);
  });

  test("an HTTP/2 client by name of the certificate is served", async () => {
    const session = http2.connect(`https://${HOST}:${running.port}`, { ca: readFileSync(certificate) });
    const stream = session.request({ ":path": "/healthz", ":authority": `stigmer.test:${running.port}` });
    const [headers] = await new Promise<[http2.IncomingHttpHeaders]>((resolve, reject) => {
      stream.once("response", (got) => resolve([got])).once("error", reject);
    });
    session.destroy();
    expect(headers[":status"]).toBe(200);
  });

  test("stops with connections open", async () => {
    const variables = { STIGMER_HOST: HOST, STIGMER_TLS_CERT: certificate, STIGMER_TLS_KEY: key };
    const own = await startTestServer({ variables });
    const session = http2.connect(`https://${HOST}:${own.port}`, { ca: readFileSync(certificate) });
    session.on("error", () => {});
    await new Promise((resolve) => session.once("connect", resolve));
    const startedAt = performance.now();
    await own.close();
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    session.destroy();
  });
});

describe("files of TLS", () => {
  const empty = join(folder, "empty.pem");
  const open = join(folder, "open.pem");
  beforeAll(() => {
    writeFileSync(empty, "");
    writeFileSync(open, readFileSync(key));
    chmodSync(open, 0o644);
    chmodSync(empty, 0o600);
  });

  test.each([
    ["no certificate there", { certificate: join(folder, "none.pem"), key }, "none.pem"],
    ["no key there", { certificate, key: join(folder, "none.pem") }, "none.pem"],
    ["an empty certificate", { certificate: empty, key }, "no certificate in PEM"],
    ["an empty key", { certificate, key: empty }, "no private key in PEM"],
    ["the key of another", { certificate, key: otherKey }, "not the key of"],
    ["a key for everybody", { certificate, key: open }, "everybody may read"],
  ])("refuses %s", (_name, files, words) => {
    const read = () => readTls(files);
    expect(read).toThrow(StigmerError);
    expect(read).toThrow(expect.objectContaining({ reason: "CONFIGURATION_INVALID" }));
    expect(read).toThrow(words);
  });

  test("go together", () => {
    const read = (variables: Record<string, string>) =>
      readComponentEnvironment({ STIGMER_HOME: folder, ...variables });
    expect(() => read({ STIGMER_TLS_CERT: certificate })).toThrow("STIGMER_TLS_KEY");
    expect(() => read({ STIGMER_TLS_KEY: key })).toThrow("STIGMER_TLS_CERT");
    expect(read({ STIGMER_TLS_CERT: "", STIGMER_TLS_KEY: "" }).tls).toBeUndefined();
  });

  test("name those whom the certificate is for", () => {
    expect(readTls({ certificate, key }).names).toEqual(["stigmer.test", HOST]);
  });
});
