import type { DocumentHeader } from "@stigmer/dsl";
import type { ActivationEnd, MemoryExecution } from "@stigmer/durable";
import { runReport } from "@stigmer/interpreter";
import { CliError } from "../cli-error.ts";

/** What is run. */
export interface LocalSource {
  readonly fileName: string;
  readonly document: DocumentHeader;
}

/**
 * The end of a run in this process.
 *
 * @throws {CliError} NOTHING_TO_COME when the process has nothing left to do (no timer, no effect, no event) before it
 */
export async function endOrStandstill(execution: MemoryExecution, of: LocalSource): Promise<ActivationEnd> {
  const { promise: standstill, resolve } = Promise.withResolvers<undefined>();
  // At that moment the process would end; the immediate gives it the work of saying why.
  const onIdle = () => void setImmediate(resolve, undefined);
  process.once("beforeExit", onIdle);
  try {
    const end = await Promise.race([execution.ended, standstill]);
    if (end === undefined) throw nothingToCome(execution, of);
    return end;
  } finally {
    process.off("beforeExit", onIdle);
  }
}

function nothingToCome({ id, events }: MemoryExecution, { fileName, document }: LocalSource): CliError {
  const reference = runReport(events, { id, document }).tasks.findLast(({ status }) => status === "running")?.reference;
  const isForPeople = events.some(
    ({ type, data }) =>
      type === "task.waiting" && member(data, "reference") === reference && member(data, "for") === "decision",
  );
  const where = reference === undefined ? "" : ` at ${reference}`;
  return new CliError({
    reason: "NOTHING_TO_COME",
    message: `Cannot finish: the run waits${where} and no ${isForPeople ? "decision" : "event"} is to come`,
    next: isForPeople ? `stigmer run -f ${fileName}` : `stigmer run --local -f ${fileName} --events FILE`,
  });
}

function member(value: unknown, name: string): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const found: unknown = Reflect.get(value, name);
  return typeof found === "string" ? found : undefined;
}
