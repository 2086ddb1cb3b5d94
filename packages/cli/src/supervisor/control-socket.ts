import { chmodSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { StateFile } from "./state-file.ts";

/** What a command may ask of a running supervisor. */
export type ControlRequest =
  /** Running effects get `graceMs`; absent (an older command) means the supervisor's own grace. */
  { readonly command: "stop"; readonly graceMs?: number } | { readonly command: "await-start" };

/** The supervisor's answer: its state once it is settled, or why the start failed. */
export type ControlAnswer = { readonly state: StateFile } | { readonly failed: string };

/** The supervisor's end of its socket. */
export interface ControlServer {
  close(): void;
}

/** Listens for commands of the same user (the socket's folder is private). The caller holds the supervisor lock. */
export function serveControl(
  path: string,
  answer: (request: ControlRequest) => Promise<ControlAnswer>,
): Promise<ControlServer> {
  rmSync(path, { force: true });
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket)).on("error", () => socket.destroy());
    createInterface({ input: socket }).on("line", (line) => {
      const request = parseRequest(line);
      if (!request) return void socket.destroy();
      void answer(request).then((result) => socket.writable && socket.write(`${JSON.stringify(result)}\n`));
    });
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      chmodSync(path, 0o600);
      resolve({
        close: () => {
          server.close();
          for (const socket of open) socket.destroy();
        },
      });
    });
  });
}

/** A connection to the supervisor of a home. */
export interface ControlConnection {
  ask(request: ControlRequest): Promise<ControlAnswer>;
  /** Resolves when the supervisor's end closed: it is gone. */
  readonly closed: Promise<void>;
  close(): void;
}

/** Connects to a running supervisor; undefined when none listens. */
export function connectControl(path: string): Promise<ControlConnection | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("error", () => resolve(undefined));
    socket.once("connect", () => {
      const waiting: ((answer: ControlAnswer) => void)[] = [];
      createInterface({ input: socket }).on("line", (line) => waiting.shift()?.(JSON.parse(line) as ControlAnswer));
      const closed = new Promise<void>((done) => socket.once("close", () => done()));
      resolve({
        ask: (request) =>
          new Promise((answered) => {
            waiting.push(answered);
            void closed.then(() => answered({ failed: "the supervisor ended" }));
            socket.write(`${JSON.stringify(request)}\n`);
          }),
        closed,
        close: () => socket.destroy(),
      });
    });
  });
}

function parseRequest(line: string): ControlRequest | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null || !("command" in value)) return undefined;
    if (value.command === "await-start") return { command: "await-start" };
    if (value.command !== "stop") return undefined;
    const graceMs = "graceMs" in value ? value.graceMs : undefined;
    return typeof graceMs === "number" && graceMs >= 0 ? { command: "stop", graceMs } : { command: "stop" };
  } catch {
    return undefined;
  }
}
