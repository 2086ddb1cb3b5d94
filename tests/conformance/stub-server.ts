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
  basePath: "/v2",
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

/** Where the petstore's description says that it is served: at its public address, or where the description came from. */
const SERVED_AT = { public: { host: "petstore.swagger.io", schemes: ["https", "http"] }, here: {} };

/**
 * Starts the stub on a free port of the loopback address.
 *
 * @param petstore what its description says: `here` for hosts that cannot rewrite the addresses that they derive
 */
export async function startStubServer(petstore: keyof typeof SERVED_AT): Promise<StubServer> {
  const description = { ...SWAGGER, ...SERVED_AT[petstore] };
  const server = http.createServer((request, response) => {
    const { status, body } = answer(request, description);
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

function answer(
  request: http.IncomingMessage,
  description: object,
): { readonly status: number; readonly body: unknown } {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://stub");
  if (pathname === "/v2/swagger.json") return { status: 200, body: description };
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
