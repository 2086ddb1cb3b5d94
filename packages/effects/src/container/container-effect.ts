import type { Json } from "@stigmer/durable";
import type { GuardedOutcome } from "@stigmer/lifecycle";
import type { EffectContext } from "../effect-context.ts";
import { failure } from "../fail.ts";
import { readProcessReturn, toProcessResult } from "../process/process-result.ts";
import { asText, InputReader } from "../read-input.ts";
import type { SensitiveValues } from "../sensitive-values.ts";
import { callLabel, readContainer, toRunArguments } from "./container-arguments.ts";
import type { ContainerEngine, EngineCall } from "./container-engine.ts";
import { type Lifetime, readLifetime } from "./container-lifetime.ts";
import { removeOverdue } from "./remove-overdue.ts";

/**
 * Does a `container` effect with the machine's docker or podman: `{image, name?, command?, arguments?, ports?, volumes?,
 * environment?, stdin?, lifetime?: {cleanup, afterMs?}, pullPolicy?, return?, trim?}`. A container that an earlier try of
 * the same call left behind is removed first.
 *
 * @throws {DurableFailure} `configuration` without an engine or for what no container can be; else see toProcessResult
 */
export async function runContainer(
  input: Json,
  context: EffectContext,
  sensitive: SensitiveValues,
  engine: ContainerEngine,
): Promise<Json> {
  const reader = new InputReader("run: container", input);
  const returns = readProcessReturn(reader);
  const lifetime = readLifetime(reader.map("lifetime"));
  const container = await readContainer(reader, context, { sensitive, allowedMounts: engine.allowedMounts });
  await engine.once(() => removeOverdue(engine, context));
  const outcome = await runOnce(
    {
      args: toRunArguments(container, context, lifetime),
      env: container.passedEnvironment,
      stdin: asText(reader.value("stdin") ?? ""),
      signal: context.signal,
    },
    context,
    engine,
  );
  await cleanUp({ name: container.name, outcome, lifetime, context, engine });
  requireRun(container.image, outcome);
  const what = `run: container (${container.image})`;
  return toProcessResult(outcome, { what, returns, trim: reader.flag("trim"), missingHint: "the engine is gone" });
}

/** Exit code of both engines when they could not start the container at all. */
const ENGINE_FAILED = 125;

/** A first try looks for what is left of others only when the engine refuses, as for a name that is taken. */
async function runOnce(call: EngineCall, context: EffectContext, engine: ContainerEngine): Promise<GuardedOutcome> {
  if (context.attempt > 1) await removeLeftovers(context, engine);
  const outcome = await engine.run(call, context);
  const isRefused = outcome.kind === "exited" && outcome.code === ENGINE_FAILED;
  if (!isRefused || !(await removeLeftovers(context, engine))) return outcome;
  return engine.run(call, context);
}

/** True when there were some. */
async function removeLeftovers(context: EffectContext, engine: ContainerEngine): Promise<boolean> {
  const filter = `label=${callLabel(context)}`;
  const listed = await engine.run({ args: ["ps", "--all", "--quiet", "--filter", filter] }, context);
  const ids = listed.stdout
    .toString("utf8")
    .split(/\s+/)
    .filter((id) => id !== "");
  if (ids.length > 0) await engine.run({ args: ["rm", "--force", ...ids] }, context);
  return ids.length > 0;
}

interface CleanUpParams {
  readonly name: string;
  readonly outcome: GuardedOutcome;
  readonly lifetime: Lifetime;
  readonly context: EffectContext;
  readonly engine: ContainerEngine;
}

/** The engine's client is gone by now; a container that still runs does so without anybody who waits for it. */
async function cleanUp({ name, outcome, lifetime, context, engine }: CleanUpParams): Promise<void> {
  // It never was ours: another container has this name, or the engine refused.
  if (outcome.kind === "exited" && outcome.code === ENGINE_FAILED) return;
  const remove = () => engine.run({ args: ["rm", "--force", name] }, context);
  if (lifetime.cleanup === "always") await remove();
  else if (outcome.kind !== "exited") await engine.run({ args: ["kill", name] }, context);
  if (lifetime.cleanup === "eventually") engine.later(lifetime.afterMs, remove);
}

function requireRun(image: string, outcome: GuardedOutcome): void {
  if (outcome.kind !== "exited" || outcome.code !== ENGINE_FAILED) return;
  throw failure("runtime", {
    detail: `Cannot run a container of image "${image}": ${outcome.stderr.toString("utf8").trim().slice(-2_000)}`,
  });
}
