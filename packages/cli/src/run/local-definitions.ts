import { readdirSync } from "node:fs";
import { join } from "node:path";
import {
  compareVersions,
  hasErrors,
  type Manifest,
  parseManifest,
  splitDocuments,
  type WorkflowDocument,
} from "@stigmer/dsl";
import type { ChildRequest, Failure, Json } from "@stigmer/durable";
import { VERSION } from "@stigmer/lifecycle";
import { usageError } from "../cli-error.ts";
import { isDefinitionFile } from "../client/manifest-files.ts";
import { readTextFile } from "../read-input.ts";
import { agentInput, createLocalSessions, findAgent, type LocalSessions } from "./local-agents.ts";

export interface LocalDefinitionsParams {
  /** Folder of `--subflows`. */
  readonly folder: string | undefined;
  /** The documents of the file that is run; the first one may call itself. */
  readonly manifests: readonly Manifest[];
  /** Passed on to every workflow's input. */
  readonly options: Readonly<Record<string, Json>>;
}

/** What a program starts with. */
export interface ProgramStart {
  readonly program: string;
  readonly input: Json;
}

/** Which execution a program's input is for. */
export interface ExecutionIdentity {
  readonly id: string;
  readonly startedAtMs: number;
}

/** The definitions that a local run may call, by namespace, name and version. */
export interface LocalDefinitions {
  readonly sessions: LocalSessions;
  /** Start of a workflow with its input, or of an agent with its turn. */
  start(manifest: Manifest, input: Json, execution: ExecutionIdentity): ProgramStart | Failure;
  resolveChild(request: ChildRequest, child: ExecutionIdentity): ProgramStart | Failure;
}

/** Reads the folder once; a document in it that is invalid is an error of usage. */
export function createLocalDefinitions(params: LocalDefinitionsParams): LocalDefinitions {
  const documents = [...params.manifests, ...readFolder(params.folder)];
  const sessions = createLocalSessions();
  const start: LocalDefinitions["start"] = (manifest, input, execution) => {
    switch (manifest.kind) {
      case "Workflow":
        return { program: "workflow", input: workflowInput(manifest.document, input, execution, params.options) };
      case "Agent": {
        const ready = agentInput({ agent: manifest, turn: input, ...execution }, documents, sessions);
        return typeof ready === "string" ? notFound(ready) : { program: "agent", input: ready };
      }
      case "McpServer":
      case "Environment":
        return notFound(`kind ${manifest.kind} cannot be run`);
    }
  };
  return {
    sessions,
    start,
    resolveChild(request, child) {
      const isAgent = request.program === "agent";
      const found = isAgent ? findAgent(documents, request.target) : findWorkflow(documents, request.target);
      if (found !== undefined) return start(found, request.input, child);
      const noun = isAgent ? "agent" : "workflow";
      return notFound(`there is no ${noun} ${JSON.stringify(request.target)} in the file or in --subflows`);
    },
  };
}

function workflowInput(
  document: WorkflowDocument,
  input: Json,
  { id, startedAtMs }: ExecutionIdentity,
  options: Readonly<Record<string, Json>>,
): Json {
  return {
    definition: { ...document } as unknown as Json,
    input,
    execution: { id, namespace: document.document.namespace, startedAtMs },
    runtime: { name: "stigmer", version: VERSION },
    ...options,
  };
}

function readFolder(folder: string | undefined): readonly Manifest[] {
  if (folder === undefined) return [];
  const files = readdirSync(folder).filter(isDefinitionFile);
  return files.sort().flatMap((file) => readDefinitions(join(folder, file)));
}

/** Every document of a file that others may call. @throws {CliError} when one is invalid */
function readDefinitions(path: string): readonly Manifest[] {
  return splitDocuments(readTextFile(path)).map(({ text, firstLine }) => {
    const { manifest, diagnostics } = parseManifest(text, { supported: "now", firstLine });
    if (manifest !== undefined && !hasErrors(diagnostics)) return manifest;
    throw usageError(`Cannot use "${path}" as a subflow: it is invalid`, `stigmer validate ${path}`);
  });
}

/** The document of that name: its exact version, else the highest one. */
function findWorkflow(documents: readonly Manifest[], target: Json): Manifest | undefined {
  const wanted = typeof target === "object" && target !== null && !Array.isArray(target) ? target : {};
  const { namespace, name, version } = wanted as { namespace?: Json; name?: Json; version?: Json };
  const named = documents.flatMap((manifest) => {
    if (manifest.kind !== "Workflow") return [];
    const { document } = manifest.document;
    return document.namespace === namespace && document.name === name ? [{ manifest, version: document.version }] : [];
  });
  const isExact = typeof version === "string" && version !== "" && version !== "latest";
  if (isExact) return named.find((one) => one.version === version)?.manifest;
  return [...named].sort((a, b) => compareVersions(b.version, a.version))[0]?.manifest;
}

function notFound(detail: string): Failure {
  const type = "https://serverlessworkflow.io/spec/1.0.0/errors/configuration";
  return {
    type,
    status: 404,
    title: "definition not found",
    detail: `Cannot start a child: ${detail}`,
    retryable: false,
  };
}
