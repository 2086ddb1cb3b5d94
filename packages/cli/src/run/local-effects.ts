import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CancelSignal, DurableFailure, type Json, type RunEffect } from "@stigmer/durable";
import type { Effects } from "@stigmer/effects";

export interface LocalEffectsParams {
  /** Of workflows. */
  readonly effects: Effects;
  /** Of agents. */
  readonly agentEffects: Effects;
  readonly secrets: Readonly<Record<string, Json>>;
}

/** Effects of a local run: a workspace per execution in a temporary folder, secrets from a map. */
export function createLocalEffects({ effects, agentEffects, secrets }: LocalEffectsParams): {
  readonly runEffect: RunEffect;
  close(): void;
} {
  const root = mkdtempSync(join(tmpdir(), "stigmer-local-"));
  return {
    async runEffect(call, context) {
      const ofRun = context.executionId.startsWith("aex_") ? agentEffects : effects;
      const handler = ofRun.handlers[call.kind];
      if (!handler) {
        const detail = `Cannot do "${call.kind}" in a local run: only a server can`;
        throw new DurableFailure({
          type: CONFIGURATION_ERROR,
          status: 400,
          title: "no such effect",
          detail,
          retryable: false,
        });
      }
      const workspaceDir = join(root, context.executionId);
      mkdirSync(workspaceDir, { recursive: true, mode: 0o700 });
      return handler(call.input, {
        executionId: context.executionId,
        key: context.key,
        attempt: context.attempt,
        idempotencyKey: `${context.executionId}:${context.key}`,
        signal: toAbortSignal(context.signal),
        workspaceDir,
        declaredSecrets: Object.keys(secrets),
        resolveSecrets: async (names) =>
          Object.fromEntries(names.flatMap((name) => (secrets[name] === undefined ? [] : [[name, secrets[name]]]))),
        onToken: context.onToken,
      });
    },
    close() {
      effects.close();
      agentEffects.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

const CONFIGURATION_ERROR = "https://serverlessworkflow.io/spec/1.0.0/errors/configuration";

function toAbortSignal(signal: CancelSignal): AbortSignal {
  const controller = new AbortController();
  signal.onAbort(() => controller.abort());
  return controller.signal;
}
