import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { agentProgram } from "@stigmer/agent-loop";
import { newId } from "@stigmer/api";
import type { DocumentHeader, Manifest } from "@stigmer/dsl";
import { type ActivationEnd, createMemoryHost, type Json, type MemoryExecution, VirtualClock } from "@stigmer/durable";
import { createEffects } from "@stigmer/effects";
import { runReport, workflowProgram } from "@stigmer/interpreter";
import { CLI_EXIT, usageError } from "../cli-error.ts";
import type { CommandCall } from "../command.ts";
import { readInput } from "../read-input.ts";
import { createLocalAgentEffects, requireMessage } from "./local-agents.ts";
import { localClock } from "./local-clock.ts";
import { createLocalDefinitions } from "./local-definitions.ts";
import { type LocalDocument, readLocalDefinition } from "./local-document.ts";
import { createLocalEffects } from "./local-effects.ts";
import { scheduleEvents } from "./local-events.ts";
import { parseRewrites, readEvents, readSecrets } from "./local-options.ts";
import { endOrStandstill } from "./local-standstill.ts";
import { printInvalid } from "./print-invalid.ts";
import { printResult } from "./print-result.ts";
import { createProgress } from "./progress.ts";

/** Runs a document in this process, on the memory host: no server, no engine, the same result. */
export async function runLocal(call: CommandCall): Promise<number> {
  const asJson = call.options.isSet("json");
  const local = readLocalDefinition(call);
  if ("diagnostics" in local) return printInvalid(call, local);
  const { main, manifests } = local;
  const input = await inputOf(call, local);
  const id = newId(main.kind === "Agent" ? "aex_" : "wex_");
  const options = {
    rewrite: parseRewrites(call.options.texts("rewrite")),
    strictSecrets: call.options.isSet("strictSecrets"),
  };
  const definitions = createLocalDefinitions({ folder: call.options.text("subflows"), manifests, options });
  const clock = call.options.isSet("virtualTime") ? new VirtualClock() : localClock();
  const start = definitions.start(main, input, { id, startedAtMs: clock.now() });
  if ("type" in start) throw usageError(`Cannot run "${local.fileName}": ${start.detail ?? start.title}`);
  const events = readEvents(call.options.text("events"));
  const runner = createLocalEffects({
    effects: createEffects(),
    agentEffects: createLocalAgentEffects({ protectedDirs: [call.context.paths.home] }),
    secrets: readSecrets(call.options.text("secrets")),
  });
  const progress = createProgress(call.context.terminal);
  const host = createMemoryHost({
    programs: { workflow: workflowProgram, agent: agentProgram },
    clock,
    settle: (done) => void setImmediate(done),
    seed: () => randomBytes(16).toString("hex"),
    runEffect: runner.runEffect,
    resolveChild: definitions.resolveChild,
    onEvent: (executionId, event) => {
      if (event.type === "execution.completed") definitions.sessions.learn(outputOf(event.data));
      if (executionId === id && !asJson) progress.onEvent(event);
    },
  });
  const execution = host.start({ ...start, id });
  const stopEvents = scheduleEvents({ host, clock, events });
  call.context.interrupted.addEventListener("abort", () => execution.cancel());
  try {
    const end = await endOrStandstill(execution, { fileName: local.fileName, document: headerOf(main) });
    return printEnd(call, execution, end, main);
  } finally {
    stopEvents();
    runner.close();
  }
}

/** The input of a workflow, or the turn of an agent. */
async function inputOf(call: CommandCall, { main, fileName }: LocalDocument): Promise<Json> {
  const { options } = call;
  const input = await readInput(options.text("input"), call.context);
  if (main.kind === "Workflow") return input ?? null;
  const workspace = options.text("workspace");
  const session = options.text("session");
  return {
    message: requireMessage(options.text("message"), fileName),
    ...(input === undefined ? {} : { data: input }),
    ...(workspace === undefined ? {} : { workspace: resolve(workspace) }),
    ...(session === undefined ? {} : { session }),
  };
}

function outputOf(data: Json): Json {
  return typeof data === "object" && data !== null && "output" in data ? (data.output ?? null) : null;
}

function headerOf(main: Manifest): DocumentHeader {
  if (main.kind === "Workflow") return main.document.document;
  return { dsl: "1.0.3", namespace: main.namespace, name: main.name, version: "" };
}

function printEnd(
  call: CommandCall,
  execution: MemoryExecution,
  end: ActivationEnd,
  main: LocalDocument["main"],
): number {
  const report = runReport(execution.events, { id: execution.id, document: headerOf(main) });
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
    place: "process",
    status,
    output: report.output,
    error,
    kind: main.kind,
    streamed: "",
  } as const;
  printResult(call.context.terminal, result);
  return CLI_EXIT.ok;
}
