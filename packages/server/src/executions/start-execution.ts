import { isAbsolute, relative, resolve } from "node:path";
import { toBinary, toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { DEFAULT_NAMESPACE, newId, type StartRequest, StartRequestSchema, StigmerError } from "@stigmer/api";
import type { Engine } from "../engine/engine.ts";
import type { CallKey } from "../engine/engine-door.ts";
import type { ExecutionSpec } from "../engine/execution-spec.ts";
import type { ExecutionView } from "../engine/execution-views.ts";
import { invalidDefinition } from "../resources/apply-resource.ts";
import type { JsonObject, JsonValue, ReadManifest } from "../resources/manifest.ts";
import { digestOf } from "../resources/request-digest.ts";
import type { RevisionRow } from "../resources/resource-rows.ts";
import { continueSession } from "../sessions/session-rows.ts";
import type { Store } from "../store/store.ts";
import { findTarget } from "./find-target.ts";
import { type PinnedDefinition, pinAgent, pinWorkflow, type RunWith } from "./pin-definition.ts";

/** What starting works with. */
export interface StartExecutionDeps {
  readonly store: Store;
  readonly engine: Engine;
  readonly readManifest: ReadManifest;
  /** The home, which no agent may work in. */
  readonly home: string;
}

/**
 * Starts a workflow or a turn of an agent; resolves when it is on disk.
 *
 * @throws {StigmerError} INVALID_REQUEST, INVALID_DEFINITION, RESOURCE_NOT_FOUND, AMBIGUOUS_NAME, SECRET_MISSING,
 *   ENVIRONMENT_NOT_FOUND, REFERENCE_NOT_FOUND, SESSION_NOT_FOUND, SESSION_BUSY, IDEMPOTENCY_KEY_REUSED, OVERLOADED
 */
export async function startExecution(deps: StartExecutionDeps, request: StartRequest): Promise<ExecutionView> {
  const spec = deps.store.read.together(() => pin(deps, request));
  const key = callKey(request);
  return deps.engine.start({ spec, ...(key === undefined ? {} : { idempotency: key }) });
}

function pin(deps: StartExecutionDeps, request: StartRequest): ExecutionSpec {
  const pinned = request.source === "" ? pinStored(deps, request) : pinSource(deps, request);
  const run: RunWith = {
    environment: request.environment,
    labels: request.labels,
    subflows: request.subflows.map((source) => readSubflow(deps, source)),
  };
  return pinned.kind === "Workflow" ? workflowSpec(deps, pinned, request, run) : agentSpec(deps, pinned, request, run);
}

function callKey(request: StartRequest): CallKey | undefined {
  if (request.idempotencyKey === "") return undefined;
  const digest = digestOf(toBinary(StartRequestSchema, { ...request, idempotencyKey: "" }));
  return { key: request.idempotencyKey, digest };
}

function pinStored(deps: StartExecutionDeps, request: StartRequest): PinnedDefinition {
  if (request.target === undefined) {
    throw new StigmerError({
      reason: "INVALID_REQUEST",
      message: "Cannot start: neither a target nor a source is given",
    });
  }
  return fromRevision(findTarget(deps.store.read, request.target));
}

/** A stored revision as what runs. */
export function fromRevision(row: RevisionRow): PinnedDefinition {
  const { namespace, name, version, revision, digest, definition } = row;
  return { kind: row.kind === "Agent" ? "Agent" : "Workflow", namespace, name, version, revision, digest, definition };
}

function pinSource(deps: StartExecutionDeps, request: StartRequest): PinnedDefinition {
  const { manifest, findings } = deps.readManifest(request.source);
  if (manifest === undefined || findings.some((finding) => finding.severity === "error")) {
    throw invalidDefinition("run", request.fileName, findings);
  }
  if (manifest.kind !== "Workflow" && manifest.kind !== "Agent") {
    throw new StigmerError({
      reason: "INVALID_REQUEST",
      message: `Cannot run ${manifest.kind} "${manifest.name}": only workflows and agents run`,
    });
  }
  const definition = JSON.stringify(manifest.spec);
  return {
    kind: manifest.kind,
    namespace: manifest.namespace ?? DEFAULT_NAMESPACE,
    name: manifest.name,
    version: manifest.version,
    revision: 0,
    digest: digestOf(definition),
    definition,
  };
}

function readSubflow(deps: StartExecutionDeps, source: string): JsonObject {
  const { manifest, findings } = deps.readManifest(source);
  if (manifest?.kind === "Workflow") return manifest.spec;
  throw invalidDefinition("run with subflow", "", findings);
}

function workflowSpec(
  deps: StartExecutionDeps,
  pinned: PinnedDefinition,
  request: StartRequest,
  run: RunWith,
): ExecutionSpec {
  if (request.sessionId !== "" || request.workspace !== "") {
    const message = `Cannot start workflow "${pinned.name}": sessions and workspaces belong to agents`;
    throw new StigmerError({ reason: "INVALID_REQUEST", message });
  }
  const input: JsonValue = readInput(request) ?? (request.message === "" ? {} : { message: request.message });
  return pinWorkflow(deps.store.read, pinned, input, run);
}

function agentSpec(
  deps: StartExecutionDeps,
  pinned: PinnedDefinition,
  request: StartRequest,
  run: RunWith,
): ExecutionSpec {
  const data = readInput(request);
  const message = request.message === "" ? data : request.message;
  if (message === undefined) {
    const text = `Cannot start agent "${pinned.namespace}/${pinned.name}": it is told nothing`;
    throw new StigmerError({ reason: "INVALID_REQUEST", message: text, hint: "say something with: --message TEXT" });
  }
  const session = request.sessionId === "" ? newId("ses_") : request.sessionId;
  const headRef = request.sessionId === "" ? "" : continueSession(deps.store.read, session, pinned);
  const workspace = checkWorkspace(request.workspace, deps.home);
  const turn = {
    message,
    session,
    headRef,
    workspace,
    ...(request.message === "" || data === undefined ? {} : { data }),
  };
  return pinAgent(deps.store.read, pinned, turn, run);
}

function readInput(request: StartRequest): JsonValue | undefined {
  return request.input === undefined ? undefined : (toJson(ValueSchema, request.input) as JsonValue);
}

function checkWorkspace(workspace: string, home: string): string {
  if (workspace === "") return "";
  const path = resolve(workspace);
  const overlaps = isInside(path, home) || isInside(home, path);
  if (isAbsolute(workspace) && !overlaps) return path;
  const state = overlaps ? "it overlaps the home of stigmer" : "it is no absolute path";
  throw new StigmerError({ reason: "INVALID_REQUEST", message: `Cannot use workspace "${workspace}": ${state}` });
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === "" || (!way.startsWith("..") && !isAbsolute(way));
}
