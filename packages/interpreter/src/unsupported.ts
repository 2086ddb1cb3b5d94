import { type Fault, standardFault } from "./fault.ts";

/** The fault of a feature that this version does not run; validation names it earlier, with its line. `instance` defaults to the task. */
export function notSupported(feature: string, instance?: string): Fault {
  return standardFault({
    error: "configuration",
    title: "Not Supported",
    detail: `Cannot run ${feature}: this version of stigmer does not support it yet`,
    ...(instance === undefined ? {} : { instance }),
  });
}
