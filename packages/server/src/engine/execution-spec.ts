import { PROGRAM_VERSIONS } from "@stigmer/api";
import type { Failure, Json } from "@stigmer/durable";
import type { NewExecution } from "../store/engine/start.ts";
import type { ValueClaims } from "./values.ts";

/** Events that an execution listens to from its start: of this type (absent: any), with these literal attributes. */
export interface Subscription {
  readonly type?: string;
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
}

/** What runs, with everything pinned. Absent texts are empty. */
export interface ExecutionSpec {
  /** `workflow` or `agent`. */
  readonly program: string;
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  readonly version?: string;
  readonly revision?: number;
  /** Digest of the pinned revision, as people see it. */
  readonly digest: string;
  /** JSON text of the definition; becomes `definition` of the program's input. */
  readonly definition: string;
  /** The program's input without `definition` and `execution`, which the engine adds. */
  readonly input: { readonly [key: string]: Json };
  readonly subscriptions?: readonly Subscription[];
  readonly environment?: string;
  readonly session?: string;
  readonly workspace?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A call for a child execution, as the program wrote it. */
export interface ChildRequest {
  readonly program: string;
  readonly target: Json;
  readonly input: Json;
  readonly parentId: string;
  /** The parent's; children inherit both unless the target says otherwise. */
  readonly namespace: string;
  readonly environment: string;
}

/** Finds what a child call names; a failure reaches the parent as the child's end. */
export type ResolveDefinition = (
  request: ChildRequest,
) => { readonly spec: ExecutionSpec } | { readonly failure: Failure };

/** What `newExecution` needs beside the spec. */
export interface NewExecutionParams {
  readonly id: string;
  readonly startBody: string;
  readonly depth: number;
  readonly claims: ValueClaims;
}

/** A spec as the writer takes it. */
export function newExecution(spec: ExecutionSpec, { id, startBody, depth, claims }: NewExecutionParams): NewExecution {
  return {
    id,
    program: spec.program,
    programVersion: PROGRAM_VERSIONS[spec.program] ?? 1,
    namespace: spec.namespace,
    kind: spec.kind,
    name: spec.name,
    version: spec.version ?? "",
    revision: spec.revision ?? 0,
    digest: spec.digest,
    definition: claims.definition(spec.definition),
    environment: spec.environment ?? "",
    session: spec.session ?? "",
    workspace: spec.workspace ?? "",
    labels: JSON.stringify(spec.labels ?? {}),
    input: claims.value(JSON.stringify(spec.input)),
    startBody,
    subscriptions: (spec.subscriptions ?? []).map(({ type, attributes }) => ({
      type: type ?? "",
      filter: JSON.stringify(attributes ?? {}),
    })),
    depth,
  };
}
