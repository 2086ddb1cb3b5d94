import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/client";
import { type GuardedProcess, type SpawnGuardedParams, spawnGuarded } from "@stigmer/lifecycle";

/** No message of a server is larger. */
const MAX_MESSAGE_BYTES = 10_000_000;
/** Kept of what a server writes to its standard error, for messages about its end. */
const MAX_STDERR_CHARACTERS = 4_000;

/** MCP over the standard streams of a process under a guard: whatever happens to us, the server ends with us. */
export class GuardedTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;

  readonly #params: SpawnGuardedParams;
  readonly #parse: (line: string) => JSONRPCMessage;
  #process: GuardedProcess | undefined;
  #stderr = "";
  #chunks: Buffer[] = [];
  #sizeBytes = 0;

  /** @param parse reads one message: `deserializeMessage` of the protocol's library, which is loaded where it is needed */
  constructor(params: SpawnGuardedParams, parse: (line: string) => JSONRPCMessage) {
    this.#params = params;
    this.#parse = parse;
  }

  /** The last that the server said on its standard error. */
  get lastWords(): string {
    return this.#stderr.trim();
  }

  async start(): Promise<void> {
    const running = spawnGuarded(this.#params);
    this.#process = running;
    running.stdout.on("data", (chunk: Buffer) => this.#take(chunk));
    running.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = `${this.#stderr}${text}`.slice(-MAX_STDERR_CHARACTERS);
    });
    void running.exited.then((exit) => {
      if (exit.kind === "not-started") this.#stderr = `the command cannot be started (${exit.code})`;
      this.onclose?.();
    });
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const stdin = this.#process?.stdin;
    if (stdin === undefined || !stdin.writable) throw new Error("the server is gone");
    if (!stdin.write(`${JSON.stringify(message)}\n`)) {
      await new Promise<void>((resolve) => stdin.once("drain", resolve).once("close", resolve));
    }
  }

  async close(): Promise<void> {
    // A server that behaves ends when its input does; the guard sees to the others.
    this.#process?.stdin.end();
    await this.#process?.end();
  }

  #take(chunk: Buffer): void {
    this.#sizeBytes += chunk.length;
    if (!chunk.includes(10)) {
      this.#chunks.push(chunk);
      if (this.#sizeBytes > MAX_MESSAGE_BYTES) this.#giveUp(`a message is larger than ${MAX_MESSAGE_BYTES} bytes`);
      return;
    }
    const lines = Buffer.concat([...this.#chunks, chunk])
      .toString("utf8")
      .split("\n");
    const rest = lines.pop() ?? "";
    this.#chunks = rest === "" ? [] : [Buffer.from(rest)];
    this.#sizeBytes = Buffer.byteLength(rest);
    for (const line of lines) this.#deliver(line.trim());
  }

  #deliver(line: string): void {
    if (line === "") return;
    try {
      this.onmessage?.(this.#parse(line));
    } catch {
      this.onerror?.(new Error(`a line of the server is no message: ${line.slice(0, 200)}`));
    }
  }

  #giveUp(reason: string): void {
    this.onerror?.(new Error(reason));
    this.#chunks = [];
    this.#sizeBytes = 0;
    void this.close();
  }
}
