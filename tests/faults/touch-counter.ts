import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** One touch of the world, as the world saw it. */
export interface Touch {
  readonly step: string;
  readonly token: string;
  readonly key: string;
}

/** A service that counts every touch and gives each a token of its own. */
export interface TouchCounter {
  readonly address: string;
  readonly touches: readonly Touch[];
  /** Touches that have begun and are not answered yet. */
  readonly running: () => number;
  /** Resolves when so many touches have begun in all; rejects when they do not within 90 s. */
  reached(count: number): Promise<void>;
  close(): Promise<void>;
}

/** Longest wait for touches, ms. */
const REACH_MS = 90_000;

/** Listens on a free port of loopback; each answer takes `delayMs`. */
export async function startTouchCounter(delayMs: number): Promise<TouchCounter> {
  const touches: Touch[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  let running = 0;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const { step } = JSON.parse(Buffer.concat(chunks).toString()) as { step: string };
    const token = `${touches.length + 1}`;
    touches.push({ step, token, key: String(request.headers["idempotency-key"]) });
    for (const wait of waiting) if (touches.length >= wait.count) wait.resolve();
    running++;
    setTimeout(() => {
      running--;
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ step, token }));
    }, delayMs);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    touches,
    running: () => running,
    reached: (count) =>
      new Promise((resolve, reject) => {
        if (touches.length >= count) return resolve();
        const late = () => reject(new Error(`Only ${touches.length} of ${count} touches within ${REACH_MS / 1_000} s`));
        const timer = setTimeout(late, REACH_MS);
        waiting.push({
          count,
          resolve: () => {
            clearTimeout(timer);
            resolve();
          },
        });
      }),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
