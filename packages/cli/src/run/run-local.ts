import { randomBytes } from "node:crypto";
import { newId } from "@stigmer/api";
import type { DocumentHeader } from "@stigmer/dsl";
import { type ActivationEnd, createMemoryHost, type MemoryExecution, VirtualClock } from "@stigmer/durable";
import { createEffects } from "@stigmer/effects";
import { runReport, workflowProgram } from "@stigmer/interpreter";
import { CLI_EXIT } from "../cli-error.ts";
import type { CommandCall } from "../command.ts";
import { readInput } from "../read-input.ts";
import { localClock } from "./local-clock.ts";
import { createLocalDefinitions } from "./local-definitions.ts";
import { printInvalid, readLocalDefinition } from "./local-document.ts";
import { createLocalEffects } from "./local-effects.ts";
import { scheduleEvents } from "./local-events.ts";
import { parseRewrites, readEvents, readSecrets } from "./local-options.ts";
import { printResult } from "./print-result.ts";
import { createProgress } from "./progress.ts";

/** Runs a document in this process, on the memory host: no server, no engine, the same result. */
export async function runLocal(call: CommandCall): Promise<number> {
  const asJson = call.options.isSet("json");
  const local = readLocalDefinition(call);
  if ("diagnostics" in local) return printInvalid(call, local);
  const input = (await readInput(call.options.text("input"), call.context)) ?? null;
  const id = newId("wex_");
  const options = {
    rewrite: parseRewrites(call.options.texts("rewrite")),
    strictSecrets: call.options.isSet("strictSecrets"),
  };
  const definitions = createLocalDefinitions({ folder: call.options.text("subflows"), main: local.document, options });
  const clock = call.options.isSet("virtualTime") ? new VirtualClock() : localClock();
  const effects = createEffects();
  const runner = createLocalEffects({ effects, secrets: readSecrets(call.options.text("secrets")) });
  const progress = createProgress(call.context.terminal);
  const host = createMemoryHost({
    programs: { workflow: workflowProgram },
    clock,
    settle: (done) => void setImmediate(done),
    seed: () => randomBytes(16).toString("hex"),
    runEffect: runner.runEffect,
    resolveChild: definitions.resolveChild,
    onEvent: (executionId, event) => {
      if (executionId === id && !asJson) progress.onEvent(event);
    },
  });
  const execution = host.start({
    program: "workflow",
    id,
    input: definitions.programInput({ document: local.document, input, id, startedAtMs: clock.now() }),
  });
  const stopEvents = scheduleEvents({ host, clock, events: readEvents(call.options.text("events")) });
  call.context.interrupted.addEventListener("abort", () => execution.cancel());
  try {
    return printEnd(call, execution, await execution.ended, local.document.document);
  } finally {
    stopEvents();
    effects.close();
    runner.close();
  }
}

function printEnd(call: CommandCall, execution: MemoryExecution, end: ActivationEnd, header: DocumentHeader): number {
  const report = runReport(execution.events, { id: execution.id, document: header });
  const suspended = end.kind === "suspended" ? { title: end.reason, detail: end.message } : undefined;
  const status = end.kind === "failed" || end.kind === "suspended" ? "faulted" : end.kind;
  const error = report.error ?? suspended;
  if (call.options.isSet("json")) {
    const whole = { ...report, status, ...(error === undefined ? {} : { error }) };
    call.context.terminal.out(`${JSON.stringify(whole, undefined, 2)}\n`);
    return status === "completed" ? CLI_EXIT.ok : CLI_EXIT.failure;
  }
  const result = {
    id: execution.id,
    status,
    output: report.output,
    error,
    kind: "Workflow",
    wasStreamed: false,
  } as const;
  printResult(call.context.terminal, result);
  return CLI_EXIT.ok;
}
