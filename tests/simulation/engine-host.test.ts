import type { Clock, DurableProgram, Json } from "@stigmer/durable";
import { describeDurableHost, type TestExecution, type TestHost, type TestHostKind } from "@stigmer/durable/testsuite";
import { EngineHost, specOf } from "./engine-host.ts";

/** Minutes of the suite pass in milliseconds. */
const SPEED = 1000;

/** Every so many frames a cut host loses its stream and what is on the way: most programs lose it at least once. */
const FRAMES_TO_CUT = 5;

describeDurableHost("engine and runner", { createHost: (params) => createTestHost(params) });

describeDurableHost("engine and runner, stream cut all the time", {
  createHost: (params) => createTestHost(params, FRAMES_TO_CUT),
  isChaotic: true,
});

type Params = Parameters<TestHostKind["createHost"]>[0];

function createTestHost({ programs, runEffect }: Params, framesToCut?: number): TestHost {
  const spec = (program: string, input: Json) => specOf(program, "{}", { input });
  const host = new EngineHost({
    clock: fastClock(),
    programs: Object.fromEntries(Object.entries(programs).map(([name, program]) => [name, withItsInput(program)])),
    runEffect,
    ...(framesToCut === undefined ? {} : { framesToCut }),
    resolveDefinition: ({ program, input }) => ({ spec: spec(program, input) }),
  });
  return {
    start({ program, input, id = host.engine.newId("workflow") }) {
      const started = host.engine.start({ spec: spec(program, input), id });
      const ended = started.then(() => host.ended(id));
      return handle({ host, id, started, ended });
    },
    find(id) {
      if (host.events(id) === undefined) return undefined;
      return handle({ host, id, started: Promise.resolve(), ended: host.ended(id) });
    },
    close: async () => host.close(),
  };
}

interface Handled extends Pick<TestExecution, "id" | "ended"> {
  readonly host: EngineHost;
  readonly started: Promise<unknown>;
}

/** What a test may do to an execution, in the order in which it does it. */
function handle({ host, id, started, ended }: Handled): TestExecution {
  const { engine } = host;
  const then = (act: () => unknown): void => void started.then(act);
  return {
    id,
    ended,
    get events() {
      return host.events(id) ?? [];
    },
    send: (kind, data) => then(() => engine.deliver({ id, kind, data })),
    cancel: () => then(() => engine.cancel({ id })),
    pause: () => then(() => engine.pause({ id })),
    resume: () => then(() => engine.resume({ id })),
    crash: () => then(() => host.crash()),
  };
}

/** The engine adds the definition and the execution to what a program gets; programs of the suite know neither. */
function withItsInput(program: DurableProgram): DurableProgram {
  return (durable, given, restored) => {
    const { input } = given as { readonly input: Json };
    return restored === undefined ? program(durable, input) : program(durable, input, restored);
  };
}

function fastClock(): Clock {
  const startMs = Date.now();
  const startedAt = performance.now();
  const now = () => Math.floor(startMs + (performance.now() - startedAt) * SPEED);
  const setTimer = (atMs: number, fire: () => void) => {
    let timer: NodeJS.Timeout;
    const arm = () => {
      const delayMs = Math.min(Math.max(0, (atMs - now()) / SPEED), 1e9);
      timer = setTimeout(() => (now() >= atMs ? fire() : arm()), delayMs);
      timer.unref();
    };
    arm();
    return () => clearTimeout(timer);
  };
  return { now, setTimer };
}
