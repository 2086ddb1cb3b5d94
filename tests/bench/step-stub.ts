import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A service that answers every POST at once with what it was sent. */
export interface StepStub {
  readonly address: string;
  close(): void;
}

/** Listens on a free port of loopback. */
export async function startStepStub(): Promise<StepStub> {
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end('{"ok":true}');
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
