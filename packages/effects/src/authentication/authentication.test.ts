import { createHash } from "node:crypto";
import type { Json } from "@stigmer/durable";
import { afterEach, describe, expect, test } from "vitest";
import { failureOf, type SeenRequest, startServer, testContext } from "../effects.testsuite.ts";
import { createEffects } from "../effects.ts";
import { digestAuthorization } from "./digest.ts";

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

type Answer = Parameters<typeof startServer>[0];

async function server(answer: Answer) {
  const started = await startServer(answer);
  cleanups.push(() => started.close());
  return started;
}

function caller(secrets: Record<string, Json> = {}) {
  const { context, dispose } = testContext(secrets);
  const effects = createEffects();
  cleanups.push(dispose, () => effects.close());
  return (input: Json) => {
    const handler = effects.handlers.http;
    if (!handler) throw new Error("no http effect");
    return handler(input, context);
  };
}

const secret = (expression: string): Json => ({ $deferred: { expression, input: null, variables: {} } });
const hash = (name: string, text: string) => createHash(name).update(text).digest("hex");

describe("digestAuthorization()", () => {
  const request = {
    username: "Mufasa",
    password: "Circle of Life",
    method: "GET",
    url: new URL("http://www.example.org/dir/index.html"),
    cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
  };
  const challenge = (algorithm: string) =>
    `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`;

  test.each([
    ["MD5", "8ca523f5e9506fed4657c9700eebdbec"],
    ["SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"],
  ])("gives the response of RFC 7616 section 3.9.1 for %s", (algorithm, response) => {
    expect(digestAuthorization(challenge(algorithm), request)).toContain(`response="${response}"`);
  });

  test("takes the stronger of several challenges, behind another scheme too", () => {
    const header = `Basic realm="x", ${challenge("MD5")}, ${challenge("SHA-256")}`;
    expect(digestAuthorization(header, request)).toContain("algorithm=SHA-256");
  });

  test("answers a server without qop as RFC 2069 does", () => {
    const answer = digestAuthorization('Digest realm="r", nonce="n"', request);
    const ha1 = hash("md5", "Mufasa:r:Circle of Life");
    expect(answer).toContain(`response="${hash("md5", `${ha1}:n:${hash("md5", "GET:/dir/index.html")}`)}"`);
    expect(answer).not.toContain("cnonce");
  });

  test.each([undefined, "", 'Basic realm="x"', 'Digest realm="r"', 'Digest realm="r", nonce="n", qop="auth-int"'])(
    "gives up on %s",
    (header) => {
      expect(digestAuthorization(header, request)).toBe(undefined);
    },
  );
});

describe("authentication: digest", () => {
  const guarded: Answer = (request, response) => {
    const given = request.headers.authorization ?? "";
    const part = (name: string) => new RegExp(`${name}="?([^",]+)`).exec(given)?.[1] ?? "";
    const ha1 = hash("sha256", "anna:vault:pass word");
    const ha2 = hash("sha256", `${request.method}:${request.path}`);
    const expected = hash("sha256", `${ha1}:abc:${part("nc")}:${part("cnonce")}:auth:${ha2}`);
    if (given !== "" && part("response") === expected) return response.end("in");
    response.setHeader("www-authenticate", 'Digest realm="vault", nonce="abc", qop="auth", algorithm=SHA-256');
    return response.writeHead(401).end();
  };

  test("answers the challenge and sends the body again", async () => {
    const { origin, seen } = await server(guarded);
    const authentication = { digest: { username: "anna", password: secret("$secrets.password") } };
    const call = caller({ password: "pass word" });
    expect(await call({ method: "POST", uri: `${origin}/a?b=c`, body: { x: 1 }, authentication })).toBe("in");
    expect(seen.map(({ body }) => body)).toEqual(['{"x":1}', '{"x":1}']);
  });

  test("fails with 401 when the password is wrong, after one answer", async () => {
    const { origin, seen } = await server(guarded);
    const authentication = { digest: { username: "anna", password: "no" } };
    const failed = await failureOf(caller()({ method: "GET", uri: origin, authentication }));
    expect(failed).toMatchObject({ status: 401, type: expect.stringContaining("authentication") });
    expect(seen).toHaveLength(2);
  });
});

/** An authority whose tokens are `token-1`, `token-2`…, and a service that wants them. */
async function authority(more: { answer?: (form: URLSearchParams) => Json; status?: number } = {}) {
  let count = 0;
  return server((request, response) => {
    const json = (value: Json, status = 200) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    if (request.path === "/service") return json({ got: request.headers.authorization ?? null });
    if (request.path === "/refusing") return json({}, 401);
    if (request.path === "/realm/.well-known/openid-configuration") {
      const issuer = `http://${request.headers.host}/realm`;
      return json({ issuer, token_endpoint: `${issuer}/token` });
    }
    const form = new URLSearchParams(request.body);
    const given = more.answer?.(form) ?? { access_token: `token-${++count}`, token_type: "Bearer", expires_in: 3600 };
    return json(given, more.status ?? 200);
  });
}

const isToken = ({ path }: SeenRequest) => path.includes("token");
/** What the service was shown, call by call. */
const tokensOf = (seen: readonly SeenRequest[]) =>
  seen.filter(({ path }) => path === "/service").map(({ headers }) => headers.authorization);
const client = { id: "me", secret: "s3cret" };

describe("authentication: oauth2", () => {
  test("asks the default endpoint once and keeps the token", async () => {
    const { origin, seen } = await authority();
    const call = caller({ client: "s3cret" });
    const oauth2 = {
      authority: `${origin}/`,
      grant: "client_credentials",
      client: { id: "me", secret: secret("$secrets.client") },
      scopes: ["read", "write"],
      audiences: ["a", "b"],
    };
    const input = { method: "GET", uri: `${origin}/service`, authentication: { oauth2 } };
    // The service says its header back: what the effect gives holds no token.
    expect(await call(input)).toEqual({ got: "Bearer [redacted]" });
    await call(input);
    expect(tokensOf(seen)).toEqual(["Bearer token-1", "Bearer token-1"]);
    const [asked, ...others] = seen.filter(isToken);
    expect(others).toEqual([]);
    expect(asked).toMatchObject({ method: "POST", path: "/oauth2/token" });
    expect(asked?.body).toBe(
      "grant_type=client_credentials&scope=read+write&audience=a&audience=b&client_id=me&client_secret=s3cret",
    );
  });

  test("asks again after the service refused the token", async () => {
    const { origin, seen } = await authority();
    const call = caller();
    const authentication = { oauth2: { authority: origin, client } };
    const failed = await failureOf(call({ method: "GET", uri: `${origin}/refusing`, authentication }));
    expect(failed.status).toBe(401);
    await call({ method: "GET", uri: `${origin}/service`, authentication });
    expect(tokensOf(seen)).toEqual(["Bearer token-2"]);
    expect(seen.filter(isToken)).toHaveLength(2);
  });

  test.each<[string, Json, string]>([
    ["password", { grant: "password", username: "u", password: "p" }, "grant_type=password&username=u&password=p"],
    [
      "refresh_token",
      { grant: "refresh_token", subject: { token: "old", type: "refresh_token" } },
      "grant_type=refresh_token&refresh_token=old",
    ],
    [
      "authorization_code",
      { grant: "authorization_code", subject: { token: "code", type: "code" } },
      "grant_type=authorization_code&code=code",
    ],
    [
      "token-exchange",
      {
        grant: "urn:ietf:params:oauth:grant-type:token-exchange",
        subject: { token: "s", type: "jwt" },
        actor: { token: "a", type: "urn:x" },
      },
      "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&subject_token=s&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt&actor_token=a&actor_token_type=urn%3Ax",
    ],
  ])("speaks grant %s", async (_name, more, body) => {
    const { origin, seen } = await authority();
    const oauth2 = { authority: origin, client: { id: "me", authentication: "none" }, ...(more as object) };
    await caller()({ method: "GET", uri: `${origin}/service`, authentication: { oauth2 } });
    expect(seen.find(isToken)?.body).toBe(`${body}&client_id=me`);
  });

  test("proves the client by a basic header", async () => {
    const { origin, seen } = await authority();
    const oauth2 = {
      authority: origin,
      endpoints: { token: "/realm/token" },
      client: { id: "me:x", secret: "a b", authentication: "client_secret_basic" },
      request: { encoding: "application/json" },
    };
    await caller()({ method: "GET", uri: `${origin}/service`, authentication: { oauth2 } });
    const asked = seen.find(isToken);
    expect(asked).toMatchObject({ path: "/realm/token", body: '{"grant_type":"client_credentials"}' });
    const [, pair = ""] = (asked?.headers.authorization ?? "").split(" ");
    expect(Buffer.from(pair, "base64").toString()).toBe("me%3Ax:a+b");
  });

  test("signs an assertion with the secret, or takes the given one", async () => {
    const { origin, seen } = await authority();
    const call = caller();
    for (const more of [
      { secret: "k", authentication: "client_secret_jwt" },
      { assertion: "a.b.c", authentication: "private_key_jwt" },
    ]) {
      const oauth2 = { authority: origin, client: { id: "me", ...more } };
      await call({ method: "GET", uri: `${origin}/service`, authentication: { oauth2 } });
    }
    const [signed, given] = seen.filter(isToken).map(({ body }) => new URLSearchParams(body));
    const [, claims = ""] = (signed?.get("client_assertion") ?? "").split(".");
    expect(JSON.parse(Buffer.from(claims, "base64url").toString())).toMatchObject({
      iss: "me",
      sub: "me",
      aud: `${origin}/oauth2/token`,
    });
    expect(given?.get("client_assertion")).toBe("a.b.c");
    expect(given?.get("client_assertion_type")).toBe("urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
  });

  test("uses the refresh token that came along, and its own grant when that is refused", async () => {
    let isRefused = false;
    const { origin, seen } = await authority({
      answer: (form) => {
        if (form.get("grant_type") !== "refresh_token")
          return { access_token: "first", refresh_token: "r", expires_in: 1 };
        return isRefused ? {} : { access_token: "second", expires_in: 1 };
      },
    });
    const call = caller();
    const authentication = { oauth2: { authority: origin, grant: "password", username: "u", password: "p", client } };
    const input = { method: "GET", uri: `${origin}/service`, authentication };
    await call(input);
    await call(input);
    isRefused = true;
    await call(input);
    expect(tokensOf(seen).slice(-2)).toEqual(["Bearer second", "Bearer first"]);
    expect(seen.filter(isToken).map(({ body }) => new URLSearchParams(body).get("grant_type"))).toEqual([
      "password",
      "refresh_token",
      "refresh_token",
      "password",
    ]);
  });

  test.each([
    [400, "authentication", 401],
    [401, "authentication", 401],
    [503, "communication", 503],
  ])("a token endpoint that answers %i is an %s error", async (status, type, expected) => {
    const { origin } = await authority({
      status,
      answer: () => ({ error: "invalid_client", error_description: "s3cret is wrong" }),
    });
    const authentication = { oauth2: { authority: origin, client: { id: "me", secret: secret("$secrets.client") } } };
    const call = caller({ client: "s3cret" });
    const failed = await failureOf(call({ method: "GET", uri: `${origin}/service`, authentication }));
    expect(failed).toMatchObject({ status: expected, type: expect.stringContaining(type) });
    expect(failed.detail).toContain("invalid_client");
    expect(JSON.stringify(failed)).not.toContain("s3cret");
  });

  test.each<[string, (origin: string) => string[], string | undefined]>([
    ["the right issuer", (origin) => [origin], undefined],
    ["another issuer", () => ["https://other.example"], "was issued by"],
  ])("checks %s", async (_name, issuers, complaint) => {
    const made = { origin: "" };
    const { origin } = await authority({
      answer: () => ({
        access_token: `x.${Buffer.from(JSON.stringify({ iss: made.origin })).toString("base64url")}.y`,
        expires_in: 60,
      }),
    });
    made.origin = origin;
    const authentication = { oauth2: { authority: origin, client, issuers: issuers(origin) } };
    const result = caller()({ method: "GET", uri: `${origin}/service`, authentication });
    if (complaint === undefined) expect(await result).toMatchObject({ got: expect.stringContaining("Bearer") });
    else expect((await failureOf(result)).detail).toContain(complaint);
  });

  test.each<[string, Json]>([
    ["client.id", {}],
    ["client.secret", { client: { id: "me" } }],
    ["client.assertion", { client: { id: "me", authentication: "private_key_jwt" } }],
    ["username", { client, grant: "password" }],
    ["subject", { client, grant: "authorization_code" }],
    ["grant", { client, grant: "implicit" }],
  ])("names what is missing: %s", async (name, settings) => {
    const authentication = { oauth2: { authority: "http://127.0.0.1:1", ...(settings as object) } };
    const failed = await failureOf(caller()({ method: "GET", uri: "http://127.0.0.1:1", authentication }));
    expect(failed).toMatchObject({
      type: expect.stringContaining("configuration"),
      detail: expect.stringContaining(name),
    });
  });

  test("reaches the authority through the rewrite", async () => {
    const { origin, seen } = await authority();
    const authentication = { oauth2: { authority: "https://login.example", client } };
    const rewrite = ["https://login.example", "https://api.example"].map((from) => ({ from, to: origin }));
    const call = caller();
    await call({ method: "GET", uri: "https://api.example/service", authentication, rewrite });
    expect(tokensOf(seen)).toEqual(["Bearer token-1"]);
  });
});

describe("authentication: oidc", () => {
  test("discovers the token endpoint", async () => {
    const { origin, seen } = await authority();
    const authentication = { oidc: { authority: `${origin}/realm`, client } };
    await caller()({ method: "GET", uri: `${origin}/service`, authentication });
    expect(tokensOf(seen)).toEqual(["Bearer token-1"]);
    expect(seen.find(({ method }) => method === "POST")?.path).toBe("/realm/token");
  });

  test("refuses a provider that speaks for somebody else", async () => {
    const { origin } = await server((_request, response) => {
      response.end(JSON.stringify({ issuer: "https://evil.example", token_endpoint: "https://evil.example/token" }));
    });
    const authentication = { oidc: { authority: origin, client } };
    const failed = await failureOf(caller()({ method: "GET", uri: origin, authentication }));
    expect(failed).toMatchObject({ status: 401, detail: expect.stringContaining("evil.example") });
  });
});
