import { StigmerError } from "@stigmer/api";
import { VERSION } from "@stigmer/lifecycle";
import type { ExecutionSpec } from "../engine/execution-spec.ts";
import type { JsonObject, JsonValue } from "../resources/manifest.ts";
import { itemsOf, memberOf, referencesOf } from "../resources/references.ts";
import { findNewest } from "../resources/resource-rows.ts";
import type { ReadConnection } from "../store/read-connection.ts";
import { chooseEnvironment, requireSecrets } from "./choose-environment.ts";
import { declaredSecrets } from "./declared-secrets.ts";
import { subscriptionsOf } from "./subscriptions.ts";

/** A definition to run, from a stored revision or from a document that was sent along. */
export interface PinnedDefinition {
  readonly kind: "Workflow" | "Agent";
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
  /** 0 for a document that was not applied. */
  readonly revision: number;
  readonly digest: string;
  /** JSON text. */
  readonly definition: string;
}

/** What every program gets beside its definition. */
export interface RunWith {
  readonly environment: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Definitions that children may be found in, as `namespace/name` to JSON. */
  readonly subflows: readonly JsonObject[];
}

/** The words of a turn, and what it continues. */
export interface AgentTurnInput {
  readonly message: JsonValue;
  readonly data?: JsonValue;
  readonly output?: JsonValue;
  readonly session: string;
  readonly headRef: string;
  readonly workspace: string;
}

/**
 * A workflow with everything pinned.
 *
 * @throws {StigmerError} ENVIRONMENT_NOT_FOUND, SECRET_MISSING
 */
export function pinWorkflow(
  read: ReadConnection,
  pinned: PinnedDefinition,
  input: JsonValue,
  run: RunWith,
): ExecutionSpec {
  const document: JsonObject = JSON.parse(pinned.definition);
  const own = memberOf(document, "environment");
  const environment = chooseEnvironment(read, {
    namespace: pinned.namespace,
    asked: run.environment,
    own: typeof own === "string" ? own : undefined,
  });
  checkSecrets(read, pinned, environment.name, declaredSecrets("workflow", document, {}));
  const metadata = { environment: environment.name, variables: environment.variables };
  return {
    ...identity(pinned, run),
    program: "workflow",
    environment: environment.name,
    input: {
      input,
      runtime: { name: "stigmer", version: VERSION, metadata },
      ...(run.subflows.length === 0 ? {} : { subflows: run.subflows }),
    },
    subscriptions: subscriptionsOf(document),
  };
}

/**
 * A turn of an agent with everything pinned, the MCP servers that it names included.
 *
 * @throws {StigmerError} ENVIRONMENT_NOT_FOUND, SECRET_MISSING, REFERENCE_NOT_FOUND
 */
export function pinAgent(
  read: ReadConnection,
  pinned: PinnedDefinition,
  turn: AgentTurnInput,
  run: RunWith,
): ExecutionSpec {
  const spec: JsonObject = JSON.parse(pinned.definition);
  const own = memberOf(spec, "environment");
  const environment = chooseEnvironment(read, {
    namespace: pinned.namespace,
    asked: run.environment,
    own: typeof own === "string" ? own : undefined,
  });
  const mcpServers = pinServers(read, spec, pinned);
  checkSecrets(read, pinned, environment.name, declaredSecrets("agent", spec, mcpServers));
  const { message, data, output, session, headRef, workspace } = turn;
  return {
    ...identity(pinned, run),
    program: "agent",
    environment: environment.name,
    session,
    workspace,
    input: {
      message,
      ...(data === undefined ? {} : { data }),
      ...(output === undefined ? {} : { output }),
      ...(session === "" ? {} : { session: { id: session, ...(headRef === "" ? {} : { headRef }) } }),
      ...(workspace === "" ? {} : { workspace }),
      mcpServers,
    },
  };
}

function identity(pinned: PinnedDefinition, run: RunWith) {
  const { kind, namespace, name, version, revision, digest, definition } = pinned;
  return { kind, namespace, name, version, revision, digest, definition, labels: run.labels };
}

function checkSecrets(read: ReadConnection, pinned: PinnedDefinition, environment: string, names: readonly string[]) {
  const subject = `${pinned.kind} "${pinned.namespace}/${pinned.name}"`;
  requireSecrets(read, { namespace: pinned.namespace, environment, subject }, names);
}

/** Specs of the named servers, by the name that the agent uses. */
function pinServers(read: ReadConnection, spec: JsonObject, pinned: PinnedDefinition): JsonObject {
  const servers: JsonObject = {};
  for (const written of itemsOf(memberOf(spec, "mcpServers"))) {
    if (typeof written !== "string") continue;
    const [target] = referencesOf("Agent", { mcpServers: [written] }, pinned.namespace);
    const row = target === undefined ? undefined : findNewest(read, target);
    if (row === undefined) {
      const message = `Cannot start Agent "${pinned.namespace}/${pinned.name}": McpServer "${written}" does not exist`;
      throw new StigmerError({ reason: "REFERENCE_NOT_FOUND", message });
    }
    servers[written] = JSON.parse(row.definition);
  }
  return servers;
}
