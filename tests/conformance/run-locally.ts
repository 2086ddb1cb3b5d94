import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseDocument } from "@stigmer/dsl";
import { createMemoryHost, type RunEffect } from "@stigmer/durable";
import { createEffects, type EffectHandler } from "@stigmer/effects";
import { runReport, type WorkflowProgramInput, workflowProgram } from "@stigmer/interpreter";
import type { RunDocument } from "./run-document.ts";

/** Runs a document on the memory host with real effects, in real time. */
export const runLocally: RunDocument = async ({ definition, input = null, rewrite }) => {
  const { document, diagnostics } = parseDocument(definition, { supported: "now" });
  if (document === undefined) return { status: "invalid", diagnostics };
  const effects = createEffects();
  const workspaceDir = mkdtempSync(join(tmpdir(), "conformance-"));
  try {
    const host = createMemoryHost({
      programs: { workflow: workflowProgram },
      clock: { now: Date.now, setTimer: startTimer },
      settle: (done) => void setImmediate(done),
      runEffect: effectRunner(effects.handlers, workspaceDir),
    });
    const id = "wex_00000000000000000000000001";
    const { namespace } = document.document;
    const programInput: WorkflowProgramInput = {
      definition: document,
      input,
      rewrite,
      execution: { id, namespace, startedAtMs: Date.now() },
      runtime: { name: "stigmer", version: "0.0.0" },
    };
    const execution = host.start({ program: "workflow", id, input: JSON.parse(JSON.stringify(programInput)) });
    await execution.ended;
    return runReport(execution.events, { id, document: document.document });
  } finally {
    effects.close();
    rmSync(workspaceDir, { recursive: true, force: true });
  }
};

function startTimer(atMs: number, fire: () => void): () => void {
  const timer = setTimeout(fire, Math.max(0, atMs - Date.now()));
  return () => clearTimeout(timer);
}

function effectRunner(handlers: Readonly<Record<string, EffectHandler>>, workspaceDir: string): RunEffect {
  return async (call, { executionId, key, attempt, signal }) => {
    if (call.kind === "emit") return call.input;
    const handler = handlers[call.kind];
    if (handler === undefined) throw new Error(`there is no effect "${call.kind}"`);
    const controller = new AbortController();
    signal.onAbort(() => controller.abort());
    return handler(call.input, {
      executionId,
      key,
      attempt,
      idempotencyKey: `${executionId}:${key}`,
      signal: controller.signal,
      workspaceDir,
      resolveSecrets: async () => ({}),
    });
  };
}
