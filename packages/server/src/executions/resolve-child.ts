import { isStigmerError, newId } from "@stigmer/api";
import type { Failure } from "@stigmer/durable";
import type { ChildRequest, ExecutionSpec } from "../engine/execution-spec.ts";
import { readExecution } from "../engine/execution-views.ts";
import type { JsonObject, JsonValue } from "../resources/manifest.ts";
import { itemsOf, memberOf } from "../resources/references.ts";
import { digestOf } from "../resources/request-digest.ts";
import { readRevision } from "../resources/resource-rows.ts";
import { continueSession } from "../sessions/session-rows.ts";
import type { Store } from "../store/store.ts";
import { type PinnedDefinition, pinAgent, pinWorkflow, type RunWith } from "./pin-definition.ts";
import { fromRevision } from "./start-execution.ts";

/** The definition of a child with everything pinned, or why there is none; the parent can catch that. */
export function resolveChild(
  store: Store,
  request: ChildRequest,
): { readonly spec: ExecutionSpec } | { readonly failure: Failure } {
  try {
    return { spec: pinChild(store, request) };
  } catch (error) {
    if (!isStigmerError(error)) throw error;
    return { failure: toFailure(error.message) };
  }
}

function pinChild(store: Store, request: ChildRequest): ExecutionSpec {
  const target = request.target as JsonValue;
  const namespace = textOf(memberOf(target, "namespace")) || request.namespace;
  const ref = {
    namespace,
    name: textOf(memberOf(target, "name")),
    version: textOf(memberOf(target, "version")),
    revision: 0,
  };
  const subflows = subflowsOf(store, request.parentId);
  const run: RunWith = { environment: inherited(request.environment), labels: {}, subflows };
  const input = request.input as JsonValue;
  if (request.program !== "agent") {
    const pinned = findSubflow(subflows, ref) ?? fromRevision(readRevision(store.read, { ...ref, kind: "Workflow" }));
    return pinWorkflow(store.read, pinned, input, run);
  }
  const pinned = fromRevision(readRevision(store.read, { ...ref, kind: "Agent" }));
  return pinAgent(store.read, pinned, turnOf(store, pinned, input), run);
}

/** `default` was perhaps nobody's choice, and what the child itself names comes first then. */
function inherited(environment: string): string {
  return environment === "default" ? "" : environment;
}

function turnOf(store: Store, pinned: PinnedDefinition, input: JsonValue) {
  const data = memberOf(input, "data");
  const output = memberOf(input, "output");
  const asked = textOf(memberOf(input, "session"));
  return {
    message: memberOf(input, "message") ?? "",
    ...(data === undefined ? {} : { data }),
    ...(output === undefined ? {} : { output }),
    session: asked === "" ? newId("ses_") : asked,
    headRef: asked === "" ? "" : continueSession(store.read, asked, pinned),
    workspace: textOf(memberOf(input, "workspace")),
  };
}

/** Documents that were sent along with the first start travel down with every child. */
function subflowsOf(store: Store, parentId: string): readonly JsonObject[] {
  const parent = readExecution(store, parentId);
  if (parent === undefined || !parent.input.includes('"subflows"')) return [];
  return itemsOf(memberOf(JSON.parse(parent.input), "subflows")) as readonly JsonObject[];
}

function findSubflow(
  subflows: readonly JsonObject[],
  ref: { readonly namespace: string; readonly name: string; readonly version: string },
): PinnedDefinition | undefined {
  const found = subflows.find((definition) => {
    const document = memberOf(definition, "document");
    const version = memberOf(document, "version");
    const isVersion = ref.version === "" || ref.version === "latest" || version === ref.version;
    return memberOf(document, "name") === ref.name && memberOf(document, "namespace") === ref.namespace && isVersion;
  });
  if (found === undefined) return undefined;
  const definition = JSON.stringify(found);
  const version = textOf(memberOf(memberOf(found, "document"), "version"));
  const { namespace, name } = ref;
  return { kind: "Workflow", namespace, name, version, revision: 0, digest: digestOf(definition), definition };
}

function toFailure(detail: string): Failure {
  return {
    type: "https://serverlessworkflow.io/spec/1.0.0/errors/configuration",
    status: 400,
    title: "Configuration Error",
    detail,
    retryable: false,
  };
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}
