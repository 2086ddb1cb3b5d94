import type { CancelSignal, Clock, DurableProgram, RunEffect } from "@stigmer/durable";
import { type Channel, type ChannelListener, createRunner, nodeSurroundings } from "@stigmer/runner-link";
import type { Engine } from "@stigmer/server";

/** What a runner's process on the engine's own thread needs. */
export interface EngineProcessParams {
  readonly engine: Engine;
  readonly instance: string;
  readonly clock: Clock;
  readonly programs: Readonly<Record<string, DurableProgram>>;
  readonly runEffect: RunEffect;
  /** A frame goes one way or the other. */
  readonly onFrame: () => void;
}

/** The product's runner, as a process that can lose its stream or die. */
export interface EngineProcess {
  readonly instance: string;
  /** Ends the stream; frames on their way are lost. The runner connects again. */
  cut(): void;
  /** Nothing of it happens afterwards. */
  kill(): void;
}

/** Starts the product's own runner; its stream leads to the engine beside it. */
export function startEngineProcess(params: EngineProcessParams): EngineProcess {
  const life: Life = { isAlive: true, cut: () => {} };
  createRunner({
    component: "workflow-runner",
    instance: params.instance,
    version: "1",
    capacity: 100,
    programs: Object.fromEntries(
      Object.entries(params.programs).map(([name, program]) => [name, { program, minVersion: 1, maxVersion: 1 }]),
    ),
    openChannel: (listener) => openStream(params, life, listener),
    runEffect: (call, context) =>
      untilDeath(life, params.runEffect(call, { ...context, signal: asCancelSignal(context.signal) })),
    resolveSecrets: async () => ({}),
    log: { info: () => {}, warn: () => {} },
    surroundings: {
      ...nodeSurroundings,
      now: () => params.clock.now(),
      setTimer: (atMs, fire) => params.clock.setTimer(atMs, whileAlive(life, fire)),
      settle: (done) => nodeSurroundings.settle(whileAlive(life, done)),
      endOfTurn: (act) => nodeSurroundings.endOfTurn(whileAlive(life, act)),
    },
  }).start();
  return {
    instance: params.instance,
    cut: () => life.cut(),
    kill: () => {
      life.isAlive = false;
      life.cut();
    },
  };
}

interface Life {
  isAlive: boolean;
  cut: () => void;
}

/** Frames are copied and take a turn of the event loop, as those of a socket do at least. */
function openStream({ engine, onFrame }: EngineProcessParams, life: Life, listener: ChannelListener): Channel {
  let isOpen = true;
  const carry = <T>(frame: T, take: (copy: T) => void): void => {
    const copy = structuredClone(frame);
    onFrame();
    setImmediate(() => {
      if (isOpen) take(copy);
    });
  };
  const attached = engine.attachRunner({ send: (frame) => carry(frame, listener.onFrame) });
  const cut = (): void => {
    if (!isOpen) return;
    isOpen = false;
    attached.closed();
    if (life.isAlive) listener.onClose(new Error("the stream was cut"));
  };
  life.cut = cut;
  return {
    send: (frame) => carry(frame, attached.receive),
    close: () =>
      new Promise((closed) => {
        setImmediate(() => {
          cut();
          closed();
        });
      }),
  };
}

function whileAlive(life: Life, act: () => void): () => void {
  return () => {
    if (life.isAlive) act();
  };
}

/** An effect of a dead process gives nothing any more. */
function untilDeath<T>(life: Life, effect: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    effect.then(
      (value) => life.isAlive && resolve(value),
      (error: unknown) => life.isAlive && reject(error),
    );
  });
}

function asCancelSignal(signal: AbortSignal): CancelSignal {
  return {
    get aborted() {
      return signal.aborted;
    },
    onAbort: (listener) => {
      signal.addEventListener("abort", listener, { once: true });
      return () => signal.removeEventListener("abort", listener);
    },
  };
}
