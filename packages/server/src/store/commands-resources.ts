import { putSchedule, type StoredSchedule } from "./commands-schedules.ts";
import { findAnswer, type IdempotencyKey, keepAnswer } from "./idempotency.ts";
import type { WriteConnection } from "./write-connection.ts";

/** Names one resource exactly. */
export interface ResourceKey {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** A sealed value of an environment. */
export interface SealedSecret {
  readonly name: string;
  readonly sealed: Uint8Array;
}

/** A resource as it is to stand. `labels`, `annotations` and `definition` are JSON texts. */
export interface ApplyResourceParams extends ResourceKey {
  readonly digest: string;
  readonly version: string;
  readonly labels: string;
  readonly annotations: string;
  readonly definition: string;
  readonly source: string;
  readonly references: readonly ResourceKey[];
  /** Secrets whose values differ from what is stored. */
  readonly secrets: readonly SealedSecret[];
  /** When the workflow starts by itself. */
  readonly schedule?: StoredSchedule;
  /** What the search finds beside name and labels. */
  readonly searchText: string;
  /** The write happens only if the stored etag is equal; empty means any. */
  readonly etag: string;
  readonly idempotency?: IdempotencyKey;
  readonly nowMs: number;
}

/** What became of an apply: the revision that stands now, or why nothing was written. */
export type ApplyResourceResult =
  | { readonly kind: "created" | "updated" | "unchanged"; readonly resource: number; readonly revision: number }
  | { readonly kind: "etag-mismatch"; readonly etag: string }
  | { readonly kind: "key-reused" };

interface CurrentRow {
  readonly no: number;
  readonly revision: number;
  readonly digest: string;
  readonly labels: string;
  readonly annotations: string;
}

const CURRENT = `select r.no, r.revision, v.digest, v.labels, v.annotations
  from resource r join revision v on v.resource = r.no and v.revision = r.revision
  where r.kind = ? and r.namespace = ? and r.name = ?`;

/** The etag of a resource: opaque to clients, different after every write. */
export function etagOf(resource: number, revision: number): string {
  return `${resource}-${revision}`;
}

function applyResource(db: WriteConnection, params: ApplyResourceParams): ApplyResourceResult {
  const known = params.idempotency === undefined ? undefined : findAnswer(db, params.idempotency);
  if (known?.kind === "reused") return { kind: "key-reused" };
  if (known?.kind === "repeated") return JSON.parse(known.answer) as ApplyResourceResult;
  const current = db.get<CurrentRow>(CURRENT, params.kind, params.namespace, params.name);
  const etag = current === undefined ? "" : etagOf(current.no, current.revision);
  if (params.etag !== "" && params.etag !== etag) return { kind: "etag-mismatch", etag };
  const result = writeRevision(db, params, current);
  if (params.idempotency !== undefined) {
    keepAnswer(db, { key: params.idempotency, answer: JSON.stringify(result), nowMs: params.nowMs });
  }
  return result;
}

function writeRevision(
  db: WriteConnection,
  params: ApplyResourceParams,
  current: CurrentRow | undefined,
): ApplyResourceResult {
  if (current !== undefined && isUnchanged(params, current)) {
    return { kind: "unchanged", resource: current.no, revision: current.revision };
  }
  const revision = (current?.revision ?? 0) + 1;
  const resource = current?.no ?? insertResource(db, params);
  db.run("update resource set revision = ?, updated_at = ? where no = ?", revision, params.nowMs, resource);
  db.run(
    "insert into revision(resource, revision, digest, version, labels, annotations, definition, source, at) values (?,?,?,?,?,?,?,?,?)",
    resource,
    revision,
    params.digest,
    params.version,
    params.labels,
    params.annotations,
    params.definition,
    params.source,
    params.nowMs,
  );
  writeReferences(db, resource, params.references);
  for (const secret of params.secrets) putSecretRow(db, params.namespace, params.name, secret, params.nowMs);
  putSchedule(db, resource, params.schedule);
  writeSearchRow(db, resource, params);
  return { kind: current === undefined ? "created" : "updated", resource, revision };
}

function isUnchanged(params: ApplyResourceParams, current: CurrentRow): boolean {
  return (
    params.secrets.length === 0 &&
    params.digest === current.digest &&
    params.labels === current.labels &&
    params.annotations === current.annotations
  );
}

function insertResource(db: WriteConnection, params: ApplyResourceParams): number {
  return db.insert(
    "insert into resource(kind, namespace, name, revision, created_at, updated_at) values (?,?,?,1,?,?)",
    params.kind,
    params.namespace,
    params.name,
    params.nowMs,
    params.nowMs,
  );
}

function writeReferences(db: WriteConnection, resource: number, references: readonly ResourceKey[]): void {
  db.run("delete from reference where resource = ?", resource);
  for (const target of references) {
    db.run(
      "insert or ignore into reference(resource, kind, namespace, name) values (?,?,?,?)",
      resource,
      target.kind,
      target.namespace,
      target.name,
    );
  }
}

function writeSearchRow(db: WriteConnection, resource: number, params: ApplyResourceParams): void {
  db.run("delete from resource_fts where rowid = ?", resource);
  db.run(
    "insert into resource_fts(rowid, name, labels, body, kind, namespace) values (?,?,?,?,?,?)",
    resource,
    params.name,
    params.labels,
    params.searchText,
    params.kind,
    params.namespace,
  );
}

/** What `deleteResource` deletes. */
export interface DeleteResourceParams extends ResourceKey {
  /** The delete happens only if the stored etag is equal; empty means any. */
  readonly etag: string;
  readonly idempotency?: IdempotencyKey;
  readonly nowMs: number;
}

/** What became of a delete. `by` names what refers to the resource: `Kind namespace/name` or an execution's id. */
export type DeleteResourceResult =
  | { readonly kind: "deleted" | "absent" | "key-reused" }
  | { readonly kind: "etag-mismatch"; readonly etag: string }
  | { readonly kind: "referenced"; readonly by: readonly string[] };

function deleteResource(db: WriteConnection, params: DeleteResourceParams): DeleteResourceResult {
  const known = params.idempotency === undefined ? undefined : findAnswer(db, params.idempotency);
  if (known?.kind === "reused") return { kind: "key-reused" };
  if (known?.kind === "repeated") return { kind: "deleted" };
  const current = db.get<CurrentRow>(CURRENT, params.kind, params.namespace, params.name);
  if (current === undefined) return { kind: "absent" };
  const etag = etagOf(current.no, current.revision);
  if (params.etag !== "" && params.etag !== etag) return { kind: "etag-mismatch", etag };
  const by = referrers(db, params, current.no);
  if (by.length > 0) return { kind: "referenced", by };
  db.run("delete from resource_fts where rowid = ?", current.no);
  db.run("delete from resource where no = ?", current.no);
  if (params.kind === "Environment") {
    db.run("delete from secret where namespace = ? and environment = ?", params.namespace, params.name);
  }
  if (params.idempotency !== undefined) {
    keepAnswer(db, { key: params.idempotency, answer: "{}", nowMs: params.nowMs });
  }
  return { kind: "deleted" };
}

/** Resources that name this one; for an environment also executions that still read their secrets from it. */
function referrers(db: WriteConnection, target: ResourceKey, resource: number): readonly string[] {
  const resources = db.all<ResourceKey>(
    `select r.kind, r.namespace, r.name from reference f join resource r on r.no = f.resource
     where f.kind = ? and f.namespace = ? and f.name = ? and r.no <> ? order by 1, 2, 3 limit 20`,
    target.kind,
    target.namespace,
    target.name,
    resource,
  );
  const names = resources.map((row) => `${row.kind} ${row.namespace}/${row.name}`);
  if (target.kind !== "Environment") return names;
  const running = db.all<{ readonly id: string }>(
    "select id from execution where ended_at is null and namespace = ? and environment = ? limit 20",
    target.namespace,
    target.name,
  );
  return [...names, ...running.map((row) => row.id)];
}

/** What `putSecret` writes; the environment itself is there already. */
export interface PutSecretParams {
  readonly namespace: string;
  readonly environment: string;
  readonly secret: SealedSecret;
  readonly nowMs: number;
}

function putSecret(db: WriteConnection, params: PutSecretParams): void {
  putSecretRow(db, params.namespace, params.environment, params.secret, params.nowMs);
}

function putSecretRow(
  db: WriteConnection,
  namespace: string,
  environment: string,
  secret: SealedSecret,
  nowMs: number,
): void {
  db.run(
    `insert into secret(namespace, environment, name, sealed, updated_at) values (?,?,?,?,?)
     on conflict(namespace, environment, name) do update set sealed = excluded.sealed, updated_at = excluded.updated_at`,
    namespace,
    environment,
    secret.name,
    secret.sealed,
    nowMs,
  );
}

/** What `deleteSecret` deletes. */
export interface DeleteSecretParams {
  readonly namespace: string;
  readonly environment: string;
  readonly name: string;
}

/** @returns whether there was one */
function deleteSecret(db: WriteConnection, params: DeleteSecretParams): boolean {
  return (
    db.run(
      "delete from secret where namespace = ? and environment = ? and name = ?",
      params.namespace,
      params.environment,
      params.name,
    ) > 0
  );
}

/** What became of the wish to delete a session. */
export interface DeleteSessionResult {
  readonly kind: "deleted" | "absent" | "busy";
}

/** Deletes a session and what it remembers, unless one of its turns still runs. */
function deleteSession(db: WriteConnection, params: { readonly id: string }): DeleteSessionResult {
  const session = db.get<{ readonly no: number }>("select no from session where id = ?", params.id);
  if (session === undefined) return { kind: "absent" };
  const busy = db.get("select 1 from execution where session = ? and ended_at is null limit 1", params.id);
  if (busy !== undefined) return { kind: "busy" };
  db.run("delete from blob_ref where execution = ?", -session.no);
  db.run("delete from session where no = ?", session.no);
  return { kind: "deleted" };
}

/** Writes of resources, secrets and sessions. */
export const resourceCommands = { applyResource, deleteResource, putSecret, deleteSecret, deleteSession };
