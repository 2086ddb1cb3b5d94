import http from "node:http";
import type { AddressInfo } from "node:net";

/** The two public services that the kit calls, on this machine. */
export interface StubServer {
  readonly origin: string;
  /** Rules that lead the kit's addresses here. */
  readonly rewrite: readonly { readonly from: string; readonly to: string }[];
  close(): Promise<void>;
}

const PETS = new Map([1, 2, 3].map((id) => [String(id), { id, name: `pet-${id}`, status: "available" }]));

const PET_SCHEMA = { type: "object", properties: { id: { type: "integer" }, name: { type: "string" } } };

const SWAGGER = {
  swagger: "2.0",
  info: { title: "Petstore", version: "1.0.0" },
  host: "petstore.swagger.io",
  basePath: "/v2",
  schemes: ["https", "http"],
  paths: {
    "/pet/findByStatus": {
      get: {
        operationId: "findPetsByStatus",
        produces: ["application/json"],
        parameters: [{ name: "status", in: "query", required: true, type: "array", items: { type: "string" } }],
        responses: { 200: { description: "ok", schema: { type: "array", items: PET_SCHEMA } } },
      },
    },
    "/pet/{petId}": {
      get: {
        operationId: "getPetById",
        produces: ["application/json"],
        parameters: [{ name: "petId", in: "path", required: true, type: "integer" }],
        responses: { 200: { description: "ok", schema: PET_SCHEMA } },
      },
    },
  },
};

/** Starts the stub on a free port of the loopback address. */
export async function startStubServer(): Promise<StubServer> {
  const server = http.createServer((request, response) => {
    const { status, body } = answer(request);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  const from = ["https://petstore.swagger.io", "https://httpbin.org"];
  return { origin, rewrite: from.map((origin_) => ({ from: origin_, to: origin })), close };
}

function answer(request: http.IncomingMessage): { readonly status: number; readonly body: unknown } {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://stub");
  if (pathname === "/v2/swagger.json") return { status: 200, body: SWAGGER };
  if (pathname === "/v2/pet/findByStatus") {
    return { status: 200, body: searchParams.get("status") === "available" ? [...PETS.values()] : [] };
  }
  const pet = PETS.get(/^\/v2\/pet\/(\d+)$/.exec(pathname)?.[1] ?? "");
  if (pet !== undefined) return { status: 200, body: pet };
  const login = /^\/basic-auth\/([^/]+)\/([^/]+)$/.exec(pathname);
  if (login === null) return { status: 404, body: { message: `nothing at ${pathname}` } };
  const expected = `Basic ${Buffer.from(`${login[1]}:${login[2]}`).toString("base64")}`;
  const isKnown = request.headers.authorization === expected;
  return { status: isKnown ? 200 : 401, body: { authenticated: isKnown, user: login[1] } };
}
