import { randomBytes } from "node:crypto";
import { rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { BUILD_ID, type HomePaths, identifyProcess, VERSION } from "@stigmer/lifecycle";
import type { PlatformSettings } from "../config/settings.ts";
import { type ComponentCommand, reinstallAdvice, resolveComponentCommand } from "./component-commands.ts";
import { type ComponentProcess, spawnComponent } from "./component-process.ts";
import { componentEnvironment } from "./component-spawn-environment.ts";
import { type ControlAnswer, type ControlRequest, serveControl } from "./control-socket.ts";
import {
  COMPONENTS,
  type ComponentName,
  DEFAULT_POLICY,
  initialState,
  type SupervisorAction,
  type SupervisorEvent,
  step,
} from "./machine.ts";
import { makePrivateFolders } from "./private-folders.ts";
import { acquireProcessLock } from "./process-lock.ts";
import { openRotatingLog, type RotatingLog } from "./rotating-log.ts";
import { writeRunnerTokens } from "./runner-tokens.ts";
import { type ComponentReport, type StateFile, writeStateFile } from "./state-file.ts";
import { cookiePrefix, sweepOrphans } from "./sweep.ts";

/** Grace for running effects when a signal stops the platform: service managers kill after 10 s, ms. */
const SIGNAL_GRACE_MS = 5_000;

/** How often it is looked whether the home is still there, ms. */
const HOME_CHECK_MS = 3_000;

export interface RunSupervisorParams {
  readonly paths: HomePaths;
  readonly settings: PlatformSettings;
  readonly env: NodeJS.ProcessEnv;
  readonly versionFolder: string | undefined;
}

/** A supervisor that holds the home. */
export interface RunningSupervisor {
  /** Ends everything; running effects get `graceMs`, 5,000 when absent. */
  stop(graceMs?: number): void;
  /** The state once everything is ready or has settled otherwise, or why the start failed. */
  readonly started: Promise<ControlAnswer>;
  /** Resolves when everything has stopped; with the failure that stopped it, if there was one. */
  readonly finished: Promise<string | undefined>;
}

/** Path of the supervisor's own socket, beside the server's. */
export function controlSocketPath(paths: HomePaths): string {
  return join(dirname(paths.socket), "supervisor.sock");
}

/**
 * Takes the home and keeps its components alive until `stop`.
 *
 * @returns undefined when another supervisor holds the home
 * @throws {ComponentMissing} when a component cannot be found
 * @throws {FolderUnusable} when a folder of the home cannot be written
 */
export async function runSupervisor(params: RunSupervisorParams): Promise<RunningSupervisor | undefined> {
  const { paths } = params;
  const commands = resolveCommands(params);
  makePrivateFolders(paths);
  const lock = acquireProcessLock(paths.supervisorLock);
  if (!lock) return undefined;
  const shell = new SupervisorShell(params, commands);
  const control = await serveControl(controlSocketPath(paths), (request) => shell.answer(request));
  shell.dispatch({ kind: "start", at: Date.now() });
  const watch = watchHome(paths.supervisorLock, () => shell.stop());
  void shell.finished.then(() => {
    clearInterval(watch);
    control.close();
    rmSync(controlSocketPath(paths), { force: true });
    lock.release();
  });
  return shell;
}

/** A platform whose home was removed cannot be reached by any command any more: it stops. */
function watchHome(lockFile: string, onGone: () => void): NodeJS.Timeout {
  const { ino } = statSync(lockFile);
  return setInterval(() => {
    if (statSync(lockFile, { throwIfNoEntry: false })?.ino !== ino) onGone();
  }, HOME_CHECK_MS);
}

function resolveCommands(params: RunSupervisorParams): Readonly<Record<ComponentName, ComponentCommand>> {
  const resolve = (component: ComponentName) =>
    resolveComponentCommand({
      component,
      env: params.env,
      home: params.paths.home,
      versionFolder: params.versionFolder,
      reinstall: reinstallAdvice(process.execPath),
    });
  return {
    server: resolve("server"),
    "workflow-runner": resolve("workflow-runner"),
    "agent-runner": resolve("agent-runner"),
  };
}

/** The thin shell around the state machine: does what its actions say and feeds back what happens. */
class SupervisorShell implements RunningSupervisor {
  readonly started: Promise<ControlAnswer>;
  readonly finished: Promise<string | undefined>;
  readonly #params: RunSupervisorParams;
  readonly #commands: Readonly<Record<ComponentName, ComponentCommand>>;
  readonly #cookie: string;
  readonly #tokens: ReturnType<typeof writeRunnerTokens>;
  readonly #log: RotatingLog;
  readonly #logs = new Map<ComponentName, RotatingLog>();
  readonly #processes = new Map<ComponentName, ComponentProcess>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #readyAt = new Map<ComponentName, string>();
  readonly #startedAt = new Date().toISOString();
  #state = initialState();
  #address: string | undefined;
  #port: number;
  #settleStart: (answer: ControlAnswer) => void = () => {};
  #settleFinish: (failed: string | undefined) => void = () => {};

  constructor(params: RunSupervisorParams, commands: Readonly<Record<ComponentName, ComponentCommand>>) {
    this.#params = params;
    this.#commands = commands;
    this.#port = params.settings.port;
    this.#cookie = `${cookiePrefix(params.paths.home)}-${randomBytes(8).toString("hex")}`;
    this.#tokens = writeRunnerTokens(params.paths.run);
    this.#log = openRotatingLog({ path: join(params.paths.logs, "supervisor.log") });
    this.started = new Promise((resolve) => {
      this.#settleStart = resolve;
    });
    this.finished = new Promise((resolve) => {
      this.#settleFinish = resolve;
    });
    const swept = sweepOrphans(params.paths.home, this.#cookie);
    this.#note("started", { version: VERSION, pid: process.pid, swept });
  }

  stop(graceMs = SIGNAL_GRACE_MS): void {
    this.dispatch({ kind: "stop", at: Date.now(), graceMs });
  }

  async answer(request: ControlRequest): Promise<ControlAnswer> {
    if (request.command === "stop") this.stop(request.graceMs);
    return this.started;
  }

  /** Feeds one event to the machine and does what it asks. */
  dispatch(event: SupervisorEvent): void {
    const { state, actions } = step(this.#state, event, DEFAULT_POLICY);
    this.#state = state;
    this.#note(event.kind, { ...event, phases: this.#phases() });
    for (const action of actions) this.#act(action);
    this.#writeState();
    this.#announce();
  }

  #writeState(): void {
    try {
      writeStateFile(this.#params.paths.state, this.#report());
    } catch (error) {
      // A full disk or a home that is gone: the components go on, and `stop` must still come to its end.
      this.#note("cannot write the state", { error: error instanceof Error ? error.message : String(error) });
    }
  }

  /** The start is over when everything is ready, or when what is not ready has given a reason. */
  #announce(): void {
    const isSettled = COMPONENTS.every((name) => {
      const { phase } = this.#state.components[name];
      return phase === "ready" || phase === "degraded" || phase === "stopped";
    });
    if (isSettled) this.#settleStart({ state: this.#report() });
  }

  #act(action: SupervisorAction): void {
    switch (action.kind) {
      case "spawn":
        return this.#spawn(action.component);
      case "terminate":
        return this.#processes.get(action.component)?.terminate(action.graceMs);
      case "kill":
        return this.#processes.get(action.component)?.kill();
      case "arm":
        return this.#arm(action);
      case "disarm":
        return this.#disarm(action.component);
      case "finish":
        return this.#finish(action.failed);
    }
  }

  #spawn(component: ComponentName): void {
    const instance = `${component}-${randomBytes(8).toString("hex")}`;
    const { paths, settings, env } = this.#params;
    const spawned = spawnComponent({
      command: this.#commands[component],
      instance,
      env: componentEnvironment({
        component,
        env,
        paths,
        settings: { ...settings, port: this.#port },
        tokens: this.#tokens,
        cookie: this.#cookie,
        instance,
      }),
      log: this.#logOf(component),
      onReady: (ready) => this.#becameReady(component, ready),
      onEnd: (end) => {
        this.#processes.delete(component);
        this.#processes.get("server")?.tell(JSON.stringify({ gone: { instance } }));
        this.dispatch({ kind: "ended", component, at: Date.now(), end });
      },
    });
    this.#processes.set(component, spawned);
  }

  #becameReady(component: ComponentName, ready: Readonly<Record<string, unknown>>): void {
    this.#readyAt.set(component, new Date().toISOString());
    if (component === "server" && typeof ready.address === "string") {
      this.#address = ready.address;
      // A restarted server comes back where its clients look for it, also when the first port was any free one.
      this.#port = Number(ready.address.slice(ready.address.lastIndexOf(":") + 1));
    }
    this.dispatch({ kind: "ready", component, at: Date.now() });
  }

  #arm(action: Extract<SupervisorAction, { kind: "arm" }>): void {
    const { component, purpose, afterMs } = action;
    const key = `${component} ${purpose}`;
    clearTimeout(this.#timers.get(key));
    const fire = () => this.dispatch({ kind: "timer", component, purpose, at: Date.now() });
    this.#timers.set(key, setTimeout(fire, afterMs));
  }

  #disarm(component: ComponentName): void {
    for (const [key, timer] of this.#timers) if (key.startsWith(`${component} `)) clearTimeout(timer);
  }

  #finish(failed: string | undefined): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#tokens.remove();
    this.#settleStart(failed === undefined ? { state: this.#report() } : { failed });
    this.#settleFinish(failed);
  }

  #logOf(component: ComponentName): RotatingLog {
    const known = this.#logs.get(component);
    if (known) return known;
    const opened = openRotatingLog({ path: join(this.#params.paths.logs, `${component}.log`) });
    this.#logs.set(component, opened);
    return opened;
  }

  #note(message: string, fields: Readonly<Record<string, unknown>>): void {
    this.#log.write(
      `${JSON.stringify({ at: new Date().toISOString(), level: "info", component: "supervisor", message, ...fields })}\n`,
    );
  }

  #phases(): Readonly<Record<string, string>> {
    return Object.fromEntries(COMPONENTS.map((name) => [name, this.#state.components[name].phase]));
  }

  #report(): StateFile {
    const { paths } = this.#params;
    const supervisor = identifyProcess(process.pid);
    if (!supervisor) throw new Error("Cannot read the start time of this process: is /proc mounted?");
    return {
      version: VERSION,
      buildId: BUILD_ID,
      phase: this.#state.phase,
      supervisor,
      cookie: this.#cookie,
      startedAt: this.#startedAt,
      ...(this.#address === undefined ? {} : { address: this.#address }),
      socket: paths.socket,
      logs: paths.logs,
      components: {
        server: this.#reportComponent("server"),
        "workflow-runner": this.#reportComponent("workflow-runner"),
        "agent-runner": this.#reportComponent("agent-runner"),
      },
    };
  }

  #reportComponent(name: ComponentName): ComponentReport {
    const { phase, restarts, reason } = this.#state.components[name];
    const identity = this.#processes.get(name)?.identity;
    const { replacedBy } = this.#commands[name];
    const readyAt = this.#readyAt.get(name);
    return {
      phase,
      restarts,
      ...(identity === undefined ? {} : { process: identity }),
      ...(reason === undefined ? {} : { reason }),
      ...(replacedBy === undefined ? {} : { replacedBy }),
      ...(readyAt === undefined ? {} : { readyAt }),
    };
  }
}
