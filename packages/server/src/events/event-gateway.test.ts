import { ExecutionService } from "@stigmer/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeHome, plainRequest, RUNNER_TOKEN, startTestServer, type TestServer } from "../server.testsuite.ts";

let running: TestServer;
beforeAll(async () => {
  running = await startTestServer();
});
afterAll(() => running.close());

const STRUCTURED = "application/cloudevents+json";
const BATCH = "application/cloudevents-batch+json";

async function post(headers: object, body: string | Buffer, server = running, path = "/events") {
  const own = { host: `127.0.0.1:${server.port}`, authorization: `Bearer ${server.token}` };
  const answer = await plainRequest(server.port, path, { headers: { ...own, ...headers }, body });
  const json = JSON.parse(answer.body);
  return { status: answer.status, headers: answer.headers, json };
}

const event = (id: string, more: object = {}) => ({
  specversion: "1.0",
  id,
  source: "/tests",
  type: "tested",
  ...more,
});

async function published(id: string, server = running) {
  const { events } = await server.client(ExecutionService).listPublishedEvents({ pageSize: 1000 });
  return events.map((one) => one.event).find((one) => one?.id === id);
}

const LISTENER = `document: {dsl: "1.0.3", namespace: default, name: listener, version: "1.0.0"}
do: [{hear: {listen: {to: {one: {with: {type: heard}}}}}}]
`;

describe("POST /events", () => {
  test("takes a structured event once and delivers it", async () => {
    await running.client(ExecutionService).start({ source: LISTENER });
    const body = JSON.stringify(event("s1", { type: "heard", data: { n: 1 } }));
    const first = await post({ "content-type": `${STRUCTURED}; charset=utf-8` }, body);
    expect(first).toMatchObject({ status: 202, json: { accepted: true, delivered: 1 } });
    expect(first.headers["access-control-allow-origin"]).toBeUndefined();
    expect(await post({ "content-type": STRUCTURED }, body)).toMatchObject({ status: 202, json: { accepted: false } });
    expect(await published("s1")).toMatchObject({ data: { n: 1 } });
  });

  test("takes a batch, each event once", async () => {
    const body = JSON.stringify([event("b1"), event("b2"), event("b1")]);
    const answer = await post({ "content-type": BATCH }, body);
    expect(answer.status).toBe(202);
    expect(answer.json).toEqual([
      { accepted: true, delivered: 0 },
      { accepted: true, delivered: 0 },
      { accepted: false, delivered: 0 },
    ]);
    expect(await post({ "content-type": BATCH }, "[]")).toMatchObject({ status: 202, json: [] });
  });

  const binary = (id: string) => ({
    "ce-specversion": "1.0",
    "ce-id": id,
    "ce-source": "/tests",
    "ce-type": "tested",
    "ce-note": "a%20%C3%A9",
  });

  test.each([
    ["JSON", "application/json", '{"n":1}', { data: { n: 1 }, datacontenttype: "application/json" }],
    ["JSON of a dialect", "application/problem+json", "[1]", { data: [1] }],
    ["text", "text/plain; charset=utf-8", "grüße", { data: "grüße" }],
    ["bytes", "application/octet-stream", Buffer.from([0, 255]), { data_base64: "AP8=" }],
    ["nothing", "application/json", "", {}],
  ])("takes binary mode with %s", async (name, type, body, expected) => {
    const id = `binary-${name}`;
    const answer = await post({ "content-type": type, ...binary(id) }, body);
    expect(answer).toMatchObject({ status: 202, json: { accepted: true } });
    const found = await published(id);
    expect(found).toMatchObject({ ...expected, note: "a é" });
  });

  test("what was acknowledged is there after a restart, and is still known", async () => {
    using place = makeHome();
    const first = await startTestServer({ home: place.home });
    const body = JSON.stringify(event("kept"));
    await post({ "content-type": STRUCTURED }, body, first);
    await first.close();
    await using second = await startTestServer({ home: place.home });
    expect(await published("kept", second)).toMatchObject({ id: "kept" });
    expect((await post({ "content-type": STRUCTURED }, body, second)).json).toMatchObject({ accepted: false });
  });

  test.each([
    ["no JSON", STRUCTURED, "{", "body"],
    ["no UTF-8", STRUCTURED, Buffer.from([0x22, 0xff, 0x22]), "body"],
    ["no object", STRUCTURED, "1", "event"],
    ["no id", STRUCTURED, JSON.stringify({ ...event("x"), id: undefined }), "event.id"],
    ["an empty source", STRUCTURED, JSON.stringify(event("x", { source: "" })), "event.source"],
    ["a number as type", STRUCTURED, JSON.stringify(event("x", { type: 1 })), "event.type"],
    ["another specversion", STRUCTURED, JSON.stringify(event("x", { specversion: "0.3" })), "event.specversion"],
    ["no specversion", STRUCTURED, JSON.stringify(event("x", { specversion: undefined })), "event.specversion"],
    ["a bad time", STRUCTURED, JSON.stringify(event("x", { time: "yesterday" })), "event.time"],
    ["an attribute that is a map", STRUCTURED, JSON.stringify(event("x", { more: {} })), "event.more"],
    ["an attribute with capitals", STRUCTURED, JSON.stringify(event("x", { Big: 1 })), "event.Big"],
    ["a fraction", STRUCTURED, JSON.stringify(event("x", { n: 1.5 })), "event.n"],
    ["two kinds of data", STRUCTURED, JSON.stringify(event("x", { data: 1, data_base64: "" })), "event.data_base64"],
    ["bad base64", STRUCTURED, JSON.stringify(event("x", { data_base64: "?" })), "event.data_base64"],
    ["a batch that is none", BATCH, JSON.stringify(event("x")), "body"],
    ["a bad event in a batch", BATCH, JSON.stringify([event("never"), { id: "x" }]), "events[1].source"],
    [
      "data nested too deeply",
      STRUCTURED,
      JSON.stringify(event("x")).replace("}", `,"data":${"[".repeat(2e5)}${"]".repeat(2e5)}}`),
      "event.data",
    ],
  ])("refuses %s with its place", async (_name, type, body, place) => {
    const { status, json } = await post({ "content-type": type }, body);
    expect(status).toBe(400);
    expect(json.code).toBe("invalid_argument");
    expect(json.message).toContain(`Cannot publish the event: ${place}: `);
    expect(await published("never")).toBeUndefined();
  });

  test.each([
    ["a header that is not percent-encoded", { "ce-note": "%zz" }, "header ce-note"],
    ["an id that is missing", { "ce-id": "" }, "event.id"],
    ["data that is no JSON", { "ce-note": "x" }, "body"],
  ])("refuses binary mode with %s", async (_name, headers, place) => {
    const body = place === "body" ? "{" : "{}";
    const answer = await post({ "content-type": "application/json", ...binary("bad"), ...headers }, body);
    expect(answer.status).toBe(400);
    expect(answer.json.message).toContain(place);
  });

  test.each([
    ["a wrong token", { authorization: "Bearer x" }, 401],
    ["a runner's token", { authorization: `Bearer ${RUNNER_TOKEN}` }, 403],
    ["a foreign host", { host: "evil.example" }, 421],
    ["a foreign origin", { origin: "http://evil.example" }, 403],
    ["a form", { "content-type": "text/plain" }, 415],
    ["an RPC", { "content-type": "application/json" }, 415],
    ["a compressed body", { "content-encoding": "gzip" }, 400],
    ["a length above the limit", { "content-length": 17 * 1024 * 1024 }, 413],
  ])("refuses %s", async (_name, headers, status) => {
    const body = JSON.stringify(event("refused"));
    expect((await post({ "content-type": STRUCTURED, ...headers }, body)).status).toBe(status);
    expect(await published("refused")).toBeUndefined();
  });

  test("refuses more than 16 MB whose size was not said", async () => {
    const body = JSON.stringify(event("huge", { data: "x".repeat(17 * 1024 * 1024) }));
    const headers = { "content-type": STRUCTURED, "transfer-encoding": "chunked" };
    expect((await post(headers, body)).status).toBe(413);
  });

  test("takes data as deep as it may be, and lists it", async () => {
    const data = JSON.parse(`${"[".repeat(128)}${"]".repeat(128)}`);
    expect((await post({ "content-type": STRUCTURED }, JSON.stringify(event("deep", { data })))).status).toBe(202);
    expect(await published("deep")).toMatchObject({ data });
  });

  test("is no other path", async () => {
    const body = JSON.stringify(event("refused"));
    expect((await post({ "content-type": STRUCTURED }, body, running, "/events/")).status).toBe(415);
    expect((await post({ "content-type": STRUCTURED }, body, running, "/events?x=1")).status).toBe(202);
  });
});
