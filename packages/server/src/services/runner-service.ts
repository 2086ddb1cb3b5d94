import type { ServiceImpl } from "@connectrpc/connect";
import type { RunnerService } from "@stigmer/api";
import { CALLER } from "../rpc/call-handler.ts";
import { carryRunner } from "../runners/carry-runner.ts";
import { type ResolveSecretsDeps, resolveSecrets } from "../runners/resolve-secrets.ts";

/** The runner's side of the engine over RPC. */
export function createRunnerService(deps: ResolveSecretsDeps): ServiceImpl<typeof RunnerService> {
  return {
    work: (frames, context) =>
      carryRunner({ engine: deps.engine, caller: context.values.get(CALLER), frames, signal: context.signal }),
    resolveSecrets(request) {
      const { epoch, names } = request;
      return { values: resolveSecrets(deps, { execution: Number(request.execution), epoch, names }) };
    },
  };
}
