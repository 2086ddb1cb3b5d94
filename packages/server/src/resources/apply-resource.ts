import {
  API_VERSION,
  type ApplyRequest,
  ApplyRequestSchema,
  DEFAULT_ENVIRONMENT,
  DEFAULT_NAMESPACE,
  type Finding,
  type Resource,
  StigmerError,
} from "@stigmer/api";
import { LIMITS } from "../http/limits.ts";
import { planSchedule, scheduleOf } from "../schedules/schedule-plan.ts";
import type { Vault } from "../secrets/vault.ts";
import type { ApplyResourceParams, ResourceKey } from "../store/commands-resources.ts";
import type { Store } from "../store/store.ts";
import { changedSecrets } from "./changed-secrets.ts";
import type { Manifest, ReadManifest } from "./manifest.ts";
import { digestOf, idempotencyOf } from "./request-digest.ts";
import { etagMismatch, keyReused } from "./resource-errors.ts";
import { findNewest, findRevision, type RevisionRow } from "./resource-rows.ts";
import { searchTextOf } from "./search-text.ts";
import { toResource } from "./to-resource.ts";

/** What applying works with. */
export interface ApplyResourceDeps {
  readonly store: Store;
  readonly vault: Vault;
  readonly readManifest: ReadManifest;
  readonly nowMs: () => number;
  /** A resource of this kind changed on disk; the answer waits for what follows from it. */
  readonly onChanged: (kind: string) => Promise<void>;
}

/** What an apply did, or would do when it is a dry run. */
export interface AppliedResource {
  readonly outcome: "created" | "updated" | "unchanged";
  readonly resource: Resource;
  /** Warnings. */
  readonly findings: readonly Finding[];
}

/**
 * Creates or changes a resource from its document; a change makes the next revision.
 *
 * @throws {StigmerError} DOCUMENT_TOO_LARGE, INVALID_DEFINITION with findings, ETAG_MISMATCH, IDEMPOTENCY_KEY_REUSED
 */
export async function applyResource(deps: ApplyResourceDeps, request: ApplyRequest): Promise<AppliedResource> {
  checkSize(request);
  const { manifest, findings } = readValid(deps, request);
  const namespace = manifest.namespace ?? (request.namespace === "" ? DEFAULT_NAMESPACE : request.namespace);
  const params = toParams(deps, manifest, namespace, request);
  const warnings = [...findings, ...missingReferences(deps, manifest, namespace)];
  if (request.dryRun) return { ...tryApply(deps, params), findings: warnings };
  const result = await deps.store.write("applyResource", params, { sizeBytes: request.source.length * 3 });
  switch (result.kind) {
    case "etag-mismatch":
      throw etagMismatch("apply", params, result.etag);
    case "key-reused":
      throw keyReused("apply");
    case "created":
    case "updated":
    case "unchanged": {
      await deps.onChanged(manifest.kind);
      const row = findRevision(deps.store.read, result.resource, result.revision);
      return { outcome: result.kind, resource: toResource(row ?? planned(params, undefined)), findings: warnings };
    }
  }
}

function checkSize(request: ApplyRequest): void {
  const sizeBytes = Buffer.byteLength(request.source);
  if (sizeBytes <= LIMITS.documentBytes) return;
  const name = request.fileName === "" ? "the document" : `"${request.fileName}"`;
  const message = `Cannot apply ${name}: it has ${sizeBytes} bytes, at most ${LIMITS.documentBytes} are allowed`;
  throw new StigmerError({ reason: "DOCUMENT_TOO_LARGE", message });
}

function readValid(deps: ApplyResourceDeps, request: ApplyRequest) {
  const { manifest, findings } = deps.readManifest(request.source);
  const errors = findings.filter((finding) => finding.severity === "error");
  if (manifest !== undefined && errors.length === 0) return { manifest, findings };
  throw invalidDefinition("apply", request.fileName, findings);
}

/** The error for a document with findings; its message is the first error with its place. */
export function invalidDefinition(action: string, fileName: string, findings: readonly Finding[]): StigmerError {
  const errors = findings.filter((finding) => finding.severity === "error");
  const first = errors[0];
  const name = fileName === "" ? "the document" : `"${fileName}"`;
  const place = first?.line === undefined ? "" : ` at ${first.line}:${first.column ?? 1}`;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  return new StigmerError({
    reason: "INVALID_DEFINITION",
    message: `Cannot ${action} ${name}: ${first?.message ?? "it is no definition"}${place}${more}`,
    ...(first?.suggestion === undefined ? {} : { hint: first.suggestion }),
    details: { findings },
  });
}

function toParams(
  deps: ApplyResourceDeps,
  manifest: Manifest,
  namespace: string,
  request: ApplyRequest,
): ApplyResourceParams {
  const definition = JSON.stringify(manifest.spec);
  const key = { kind: manifest.kind, namespace, name: manifest.name };
  const idempotency = idempotencyOf({ schema: ApplyRequestSchema, request, namespace, method: "Apply" });
  const hasSecrets = Object.keys(manifest.secrets).length > 0;
  return {
    ...key,
    digest: digestOf(definition),
    version: manifest.version,
    labels: JSON.stringify(manifest.labels),
    annotations: JSON.stringify(manifest.annotations),
    definition,
    source: hasSecrets ? withoutSecrets(manifest, namespace) : request.source,
    references: manifest.references(namespace),
    ...scheduleParams(deps, manifest),
    secrets: changedSecrets(deps, { namespace, environment: manifest.name, values: manifest.secrets }),
    searchText: searchTextOf(manifest.spec),
    etag: request.etag,
    ...(idempotency === undefined ? {} : { idempotency }),
    nowMs: deps.nowMs(),
  };
}

function scheduleParams(deps: ApplyResourceDeps, { kind, spec }: Manifest): Pick<ApplyResourceParams, "schedule"> {
  const schedule = kind === "Workflow" ? scheduleOf(spec) : undefined;
  return schedule === undefined ? {} : { schedule: planSchedule(schedule, deps.nowMs()) };
}

/** The document written anew, because the text that was sent holds values of secrets. */
function withoutSecrets(manifest: Manifest, namespace: string): string {
  const { kind, name, labels, annotations, spec } = manifest;
  return `${JSON.stringify({ apiVersion: API_VERSION, kind, metadata: { namespace, name, labels, annotations }, spec }, null, 2)}\n`;
}

function missingReferences(deps: ApplyResourceDeps, manifest: Manifest, namespace: string): readonly Finding[] {
  return manifest
    .references(namespace)
    .filter((target) => !isOptional(target) && findNewest(deps.store.read, target) === undefined)
    .map(({ kind, namespace: place, name, pointer }) => ({
      code: "reference-not-found",
      severity: "warning",
      ...manifest.positionOf(pointer),
      message: `${kind} "${place}/${name}" does not exist yet`,
      suggestion: "apply it before the first run",
    }));
}

/** The environment `default` need not exist. */
function isOptional({ kind, name }: ResourceKey): boolean {
  return kind === "Environment" && name === DEFAULT_ENVIRONMENT;
}

function tryApply(deps: ApplyResourceDeps, params: ApplyResourceParams): Omit<AppliedResource, "findings"> {
  const current = findNewest(deps.store.read, params);
  const etag = current === undefined ? "" : `${current.no}-${current.revision}`;
  if (params.etag !== "" && params.etag !== etag) throw etagMismatch("apply", params, etag);
  if (current === undefined) return { outcome: "created", resource: toResource(planned(params, undefined)) };
  const isUnchanged =
    params.secrets.length === 0 &&
    current.digest === params.digest &&
    current.labels === params.labels &&
    current.annotations === params.annotations;
  if (isUnchanged) return { outcome: "unchanged", resource: toResource(current) };
  return { outcome: "updated", resource: toResource(planned(params, current)) };
}

/** The revision as it would stand. */
function planned(params: ApplyResourceParams, current: RevisionRow | undefined): RevisionRow {
  const revision = (current?.revision ?? 0) + 1;
  return {
    ...params,
    no: current?.no ?? 0,
    current: current?.current ?? 0,
    revision,
    at: params.nowMs,
    created_at: current?.created_at ?? params.nowMs,
    schedule: null,
  };
}
