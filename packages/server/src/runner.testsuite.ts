import { create } from "@bufbuild/protobuf";
import {
  BlobService,
  type Lease,
  RunnerService,
  type WorkRequest,
  WorkRequestSchema,
  type WorkResponse,
} from "@stigmer/api";
import { FrameQueue } from "./runners/frame-queue.ts";
import { clientOf, RUNNER_TOKEN, type TestServer } from "./server.testsuite.ts";

/** A runner at the other end of a real stream, which does what a test tells it to. */
export interface StreamRunner {
  /** Waits for a frame for which `pick` gives something. */
  next<T>(pick: (frame: WorkResponse) => T | undefined): Promise<T>;
  /** Waits for the next lease. */
  lease(): Promise<Lease>;
  /** Writes a line into the event log of an execution. */
  report(lease: Lease, line: { readonly index: number; readonly type: string; readonly data: unknown }): void;
  /** Ends an execution with this output, as one journal entry. */
  complete(lease: Lease, output: unknown): void;
  close(): void;
}

/** Connects a runner by Connect over HTTP/2 on the socket, as the product's runners do. */
export function connectRunner(running: TestServer, component: "workflow-runner" | "agent-runner"): StreamRunner {
  const token = component === "agent-runner" ? `${RUNNER_TOKEN}-agents` : RUNNER_TOKEN;
  const client = clientOf(RunnerService, "connect-h2", { socketPath: running.server.socket, token });
  const outgoing = new FrameQueue<WorkRequest>();
  const program = component === "agent-runner" ? "agent" : "workflow";
  outgoing.push(
    create(WorkRequestSchema, {
      hello: {
        component,
        instance: `${component}-1`,
        version: "1",
        capacity: 100,
        programs: [{ name: program, minVersion: 1, maxVersion: 1 }],
      },
    }),
  );
  const incoming = client.work(outgoing)[Symbol.asyncIterator]();
  const next = async <T>(pick: (frame: WorkResponse) => T | undefined): Promise<T> => {
    for (;;) {
      const { value, done } = await incoming.next();
      if (done === true) throw new Error("Cannot go on: the stream ended");
      const picked = pick(value);
      if (picked !== undefined) return picked;
    }
  };
  return {
    next,
    lease: () => next((frame) => frame.leases[0]),
    report({ execution, epoch }, { index, type, data }) {
      const line = { index: BigInt(index), atMs: BigInt(Date.now()), type, data: JSON.stringify(data) };
      outgoing.push(create(WorkRequestSchema, { events: [{ execution, epoch, events: [line] }] }));
    },
    complete(lease, output) {
      const { execution, epoch } = lease;
      const seq = BigInt((lease.journal.at(-1)?.seq ?? 0n) + 1n);
      const body = JSON.stringify({ v: 1, output });
      outgoing.push(
        create(WorkRequestSchema, {
          entries: [{ execution, epoch, seq, atMs: BigInt(Date.now()), kind: "completed", key: "", body }],
        }),
      );
    },
    close: () => outgoing.end(),
  };
}

/** Blobs as an agent's runner stores them. */
export function runnerBlobs(running: TestServer) {
  return clientOf(BlobService, "connect", { socketPath: running.server.socket, token: `${RUNNER_TOKEN}-agents` });
}
