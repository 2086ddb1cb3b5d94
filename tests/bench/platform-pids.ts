import { readFileSync } from "node:fs";
import { join } from "node:path";
import { memberAt, type TestHome } from "../e2e/platform-fixture.ts";

/** What the supervisor keeps running. */
export const COMPONENTS = ["server", "workflow-runner", "agent-runner"] as const;

/** Process ids of the supervisor and its components. */
export function platformPids(platform: TestHome): readonly number[] {
  return [supervisorPid(platform), ...COMPONENTS.map((name) => platform.pidOf(name))];
}

function supervisorPid({ home }: TestHome): number {
  const state: unknown = JSON.parse(readFileSync(join(home, "run/state.json"), "utf8"));
  const pid = memberAt(state, ["supervisor", "pid"]);
  if (typeof pid !== "number") throw new Error(`Cannot find the supervisor in ${home}/run/state.json`);
  return pid;
}
