import type { EffectContext } from "../effect-context.ts";
import type { ContainerEngine } from "./container-engine.ts";
import { REMOVE_AFTER_LABEL } from "./container-lifetime.ts";

/** Takes over the timers of a process that ended before its containers were due. */
export async function removeOverdue(engine: ContainerEngine, context: EffectContext): Promise<void> {
  const filters = ["--filter", `label=${REMOVE_AFTER_LABEL}`, "--filter", "status=exited"];
  const ids = words((await engine.run({ args: ["ps", "--all", "--quiet", ...filters] }, context)).stdout);
  if (ids.length === 0) return;
  const shown = await engine.run({ args: ["inspect", "--format", FORMAT, ...ids] }, context);
  for (const line of shown.stdout.toString("utf8").split("\n")) {
    const [id, after, finished] = line.trim().split(" ");
    const dueAtMs = Date.parse(JSON.parse(finished ?? '""')) + Number(after);
    if (id === undefined || Number.isNaN(dueAtMs)) continue;
    engine.later(Math.max(0, dueAtMs - Date.now()), () => engine.run({ args: ["rm", "--force", id] }, context));
  }
}

const FORMAT = `{{.Id}} {{index .Config.Labels "${REMOVE_AFTER_LABEL}"}} {{json .State.FinishedAt}}`;

function words(bytes: Buffer): readonly string[] {
  return bytes
    .toString("utf8")
    .split(/\s+/)
    .filter((word) => word !== "");
}
