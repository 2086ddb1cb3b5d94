import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { EffectContext } from "@stigmer/effects";
import { type Command, VERSION } from "@stigmer/lifecycle";
import { hashJson } from "../model/arguments.ts";
import type { McpServerCommand } from "./mcp-server.ts";
import type { McpSession } from "./mcp-session.ts";

/** A server that nobody has called for this long ends, ms; the next call starts it again. */
const IDLE_MS = 5 * 60_000;

/** Running MCP servers, each belonging to one execution. */
export interface McpSessions {
  /**
   * The execution's session with a server; starts the server when there is none. Concurrent calls share one start.
   *
   * @param cwd folder in which the server starts
   */
  get(server: McpServerCommand, context: EffectContext, cwd: string): Promise<McpSession>;
  /** Ends all servers of an execution. */
  closeExecution(executionId: string): Promise<void>;
  /** Ends all servers. */
  close(): Promise<void>;
}

interface Kept {
  readonly executionId: string;
  readonly session: Promise<McpSession>;
  timer: NodeJS.Timeout | undefined;
}

/** How servers are started. */
export interface McpSessionsOptions {
  /** How to start a guard. */
  readonly guard: Command;
  /** Until a server has shaken hands, ms. */
  readonly startTimeoutMs: number;
}

/** Sessions whose servers run under guards. */
export function createMcpSessions(options: McpSessionsOptions): McpSessions {
  const kept = new Map<string, Kept>();
  const end = async (key: string, one: Kept) => {
    clearTimeout(one.timer);
    if (kept.get(key) === one) kept.delete(key);
    await one.session.then(
      (session) => session.close(),
      () => undefined, // it never started
    );
  };
  const endAll = async (belongs: (one: Kept) => boolean) => {
    await Promise.all([...kept].filter(([, one]) => belongs(one)).map(([key, one]) => end(key, one)));
  };
  return {
    async get(server, context, cwd) {
      const key = `${context.executionId} ${hashJson({ ...server, cwd, enabledTools: null })}`;
      let one = kept.get(key);
      if (one === undefined || !(await isUsable(one))) {
        one = { executionId: context.executionId, session: start({ server, context, cwd, options }), timer: undefined };
        kept.set(key, one);
      }
      clearTimeout(one.timer);
      const current = one;
      one.timer = setTimeout(() => void end(key, current), IDLE_MS).unref();
      return one.session.catch(async (error: unknown) => {
        await end(key, current);
        throw error;
      });
    },
    closeExecution: (executionId) => endAll((one) => one.executionId === executionId),
    close: () => endAll(() => true),
  };
}

async function isUsable(one: Kept): Promise<boolean> {
  return one.session.then(
    (session) => session.isOpen,
    () => false,
  );
}

interface StartParams {
  readonly server: McpServerCommand;
  readonly context: EffectContext;
  readonly cwd: string;
  readonly options: McpSessionsOptions;
}

async function start({ server, context, cwd, options }: StartParams): Promise<McpSession> {
  const homeDir = context.homeDir ?? join(context.workspaceDir, ".home");
  await mkdir(homeDir, { recursive: true, mode: 0o700 });
  // Loaded with the first server: most agents have none.
  const { startMcpSession } = await import("./mcp-session.ts");
  return startMcpSession({
    server,
    spawn: { cwd, homeDir, guard: options.guard },
    startTimeoutMs: options.startTimeoutMs,
    version: VERSION,
    signal: context.signal,
  });
}
