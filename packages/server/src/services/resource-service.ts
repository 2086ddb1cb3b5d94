import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import { ApplyOutcome, type ResourceService, toDiagnostics } from "@stigmer/api";
import { type ApplyResourceDeps, applyResource } from "../resources/apply-resource.ts";
import { deleteResource } from "../resources/delete-resource.ts";
import { listResources } from "../resources/list-resources.ts";
import { listRevisions } from "../resources/list-revisions.ts";
import { readRevision } from "../resources/resource-rows.ts";
import { searchResources } from "../resources/search-resources.ts";
import { toResource } from "../resources/to-resource.ts";
import { deleteSecret, listSecrets, type SecretDeps, setSecret } from "../secrets/environment-secrets.ts";
import { readRef } from "./read-ref.ts";

/** What the service works with. */
export type ResourceServiceDeps = ApplyResourceDeps & SecretDeps;

const OUTCOMES = {
  created: ApplyOutcome.CREATED,
  updated: ApplyOutcome.UPDATED,
  unchanged: ApplyOutcome.UNCHANGED,
} as const;

/** Resources and secrets over RPC: each method turns its request into one use case. */
export function createResourceService(deps: ResourceServiceDeps): ServiceImpl<typeof ResourceService> {
  const { read } = deps.store;
  return {
    async apply(request) {
      const { outcome, resource, findings } = await applyResource(deps, request);
      return { outcome: OUTCOMES[outcome], resource, ...toDiagnostics(findings) };
    },
    get(request) {
      const row = readRevision(read, readRef(request.ref));
      return { resource: toResource(row), source: row.source };
    },
    list: (request) => listResources(read, request),
    async delete(request) {
      await deleteResource(deps, readRef(request.ref), request);
      return {};
    },
    search(request) {
      const { hits, nextPageToken } = searchResources(read, request);
      return { hits: [...hits], nextPageToken };
    },
    listRevisions(request) {
      const { resources, nextPageToken } = listRevisions(read, readRef(request.ref), request);
      return { revisions: resources, nextPageToken };
    },
    async setSecret(request) {
      await setSecret(deps, request, request.name, request.value);
      return {};
    },
    async deleteSecret(request) {
      await deleteSecret(deps, request, request.name);
      return {};
    },
    listSecrets(request) {
      const secrets = listSecrets(deps.store, request).map((row) => ({
        name: row.name,
        updatedAt: timestampFromMs(row.updated_at),
      }));
      return { secrets };
    },
  };
}
