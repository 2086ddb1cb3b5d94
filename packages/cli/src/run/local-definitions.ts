import { readdirSync } from "node:fs";
import { join } from "node:path";
import { compareVersions, parseManifest, type WorkflowDocument } from "@stigmer/dsl";
import type { ChildRequest, Failure, Json } from "@stigmer/durable";
import { VERSION } from "@stigmer/lifecycle";
import { usageError } from "../cli-error.ts";
import { readTextFile } from "../read-input.ts";

export interface LocalDefinitionsParams {
  /** Folder of `--subflows`. */
  readonly folder: string | undefined;
  /** The document that is run; it may call itself. */
  readonly main: WorkflowDocument;
  /** Passed on to every program's input. */
  readonly options: Readonly<Record<string, Json>>;
}

/** What a program starts with. */
export interface ProgramInputParams {
  readonly document: WorkflowDocument;
  readonly input: Json;
  readonly id: string;
  readonly startedAtMs: number;
}

/** The definitions that a local run may call, by namespace, name and version. */
export interface LocalDefinitions {
  programInput(params: ProgramInputParams): Json;
  resolveChild(
    request: ChildRequest,
    child: { readonly id: string; readonly startedAtMs: number },
  ): { readonly program: string; readonly input: Json } | Failure;
}

/** Reads the folder once; a document in it that is invalid is an error of usage. */
export function createLocalDefinitions(params: LocalDefinitionsParams): LocalDefinitions {
  const documents = [params.main, ...readFolder(params.folder)];
  const programInput = ({ document, input, id, startedAtMs }: ProgramInputParams): Json => ({
    definition: { ...document } as unknown as Json,
    input,
    execution: { id, namespace: document.document.namespace, startedAtMs },
    runtime: { name: "stigmer", version: VERSION },
    ...params.options,
  });
  return {
    programInput,
    resolveChild(request, child) {
      if (request.program !== "workflow") return notFound(`a local run has no ${request.program}s`);
      const document = findDocument(documents, request.target);
      if (!document) return notFound(`there is no definition ${JSON.stringify(request.target)} in --subflows`);
      return { program: "workflow", input: programInput({ document, input: request.input, ...child }) };
    },
  };
}

function readFolder(folder: string | undefined): readonly WorkflowDocument[] {
  if (folder === undefined) return [];
  const files = readdirSync(folder).filter((file) => /\.(ya?ml|json)$/.test(file));
  return files.sort().flatMap((file) => {
    const path = join(folder, file);
    const { manifest, diagnostics } = parseManifest(readTextFile(path), { supported: "now" });
    if (manifest === undefined || diagnostics.some(({ severity }) => severity === "error")) {
      throw usageError(`Cannot use "${path}" as a subflow: it is invalid`, `stigmer validate ${path}`);
    }
    return manifest.kind === "Workflow" ? [manifest.document] : [];
  });
}

/** The document of that name: its exact version, else the highest one. */
function findDocument(documents: readonly WorkflowDocument[], target: Json): WorkflowDocument | undefined {
  const wanted = typeof target === "object" && target !== null && !Array.isArray(target) ? target : {};
  const { namespace, name, version } = wanted as { namespace?: Json; name?: Json; version?: Json };
  const named = documents.filter(({ document }) => document.namespace === namespace && document.name === name);
  const isExact = typeof version === "string" && version !== "" && version !== "latest";
  if (isExact) return named.find(({ document }) => document.version === version);
  return [...named].sort((a, b) => compareVersions(b.document.version, a.document.version))[0];
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
