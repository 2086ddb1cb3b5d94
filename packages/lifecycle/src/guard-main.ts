import { Socket } from "node:net";
import { type GuardedGroup, type GuardNotice, type GuardOrder, guardGroup } from "./guard.ts";

/**
 * Role `guard`: file descriptor 3 is a two-way pipe from the runner. Its first line is the order; the guard answers
 * with notices. When the pipe closes, however its owner ended, the whole process group of the command ends.
 */
function main(): void {
  const pipe = new Socket({ fd: 3, readable: true, writable: true, allowHalfOpen: true });
  let group: GuardedGroup | undefined;
  const notify = (notice: GuardNotice) => {
    if (pipe.writable) pipe.write(`${JSON.stringify(notice)}\n`);
  };
  const start = (order: GuardOrder) => {
    group = guardGroup(order, notify);
    void group.ended.then((code) => finish(pipe, code));
  };
  const end = () => {
    if (group === undefined) process.exit(0);
    group.end();
  };
  readOrder(pipe, start);
  pipe.on("end", end).on("close", end).on("error", end);
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, end);
}

/** Calls `take` with the first line; what follows it is ignored. */
function readOrder(pipe: Socket, take: (order: GuardOrder) => void): void {
  let text = "";
  let isTaken = false;
  pipe.setEncoding("utf8").on("data", (chunk: string) => {
    if (isTaken) return;
    text += chunk;
    const end = text.indexOf("\n");
    if (end < 0) return;
    isTaken = true;
    take(JSON.parse(text.slice(0, end)) as GuardOrder);
    text = "";
  });
}

/** Exits after the last notice was handed to the kernel. */
function finish(pipe: Socket, code: number): void {
  if (!pipe.writable) process.exit(code);
  pipe.end(() => process.exit(code));
  setTimeout(() => process.exit(code), 1_000);
}

main();
