import type { ChildCall, Durable, DurableProgram, DurableScope, Json, ScopeCall } from "@stigmer/durable";

/** Kind of the effects that stand for mocked children. */
export const MOCKED_CHILD = "mocked-child";

/** Sees the children of an execution before they start; true takes the child away and makes an effect of it. */
export type ChildFilter = (executionId: string, call: ChildCall) => boolean;

/** A program whose children may be answered by mocks. */
export function withMockedChildren(program: DurableProgram, filter: ChildFilter): DurableProgram {
  return (durable, input, restored) =>
    program(
      filtered(durable, (call) => filter(executionOf(input), call)),
      input,
      restored,
    );
}

function filtered(durable: Durable, isMocked: (call: ChildCall) => boolean): Durable {
  return {
    effect: (call) => durable.effect(call),
    sleepUntil: (call) => durable.sleepUntil(call),
    now: () => durable.now(),
    receive: (call) => durable.receive(call),
    child: ({ key, program, target, input, mode }) =>
      isMocked({ key, program, target, input, mode })
        ? durable.effect({ key, kind: MOCKED_CHILD, input: { program, target, input }, crash: "repeat" })
        : durable.child({ key, program, target, input, mode }),
    scope: <T>(call: ScopeCall, body: (scope: DurableScope) => Promise<T>) =>
      durable.scope(call, (scope) => body({ ...filtered(scope, isMocked), cancel: () => scope.cancel() })),
    random: () => durable.random(),
    uuid: () => durable.uuid(),
    report: (event) => durable.report(event),
    snapshot: (state) => durable.snapshot(state),
    patched: (id) => durable.patched(id),
  };
}

function executionOf(input: Json): string {
  const execution = typeof input === "object" && input !== null && "execution" in input ? input.execution : undefined;
  const id = typeof execution === "object" && execution !== null && "id" in execution ? execution.id : undefined;
  return typeof id === "string" ? id : "";
}
