import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  type Diagnostic,
  hasErrors,
  parseManifest,
  parseWorkflowTest,
  type SourceMap,
  splitDocuments,
  type WorkflowTestFile,
} from "@stigmer/dsl";
import { isDefinitionFile } from "../client/manifest-files.ts";
import { checkTaskNames } from "./check-task-names.ts";
import type { InvalidTestFile, LoadedDocument, LoadedTestFile } from "./loaded-test-file.ts";

/**
 * Reads a test file and all documents it names; every problem of all of them at once.
 *
 * @param text of the test file, where an editor knows it better than the disk
 */
export function loadTestFile(fileName: string, text = readText(fileName)): LoadedTestFile | InvalidTestFile {
  if (text === undefined) return invalid(fileName, [noFile(fileName)], [fileName]);
  const { file, diagnostics, sourceMap } = parseWorkflowTest(text);
  if (file === undefined) return invalid(fileName, diagnostics, [fileName]);
  const loader = createLoader(fileName, sourceMap);
  loader.load(file.workflow, "/workflow");
  for (const [index, path] of (file.subflows ?? []).entries()) loader.load(path, `/subflows/${index}`);
  const watched = [fileName, ...loader.files, ...inputFiles(fileName, file)];
  const { documents } = loader;
  const main =
    documents.find(({ manifest, fileName: of }) => of === loader.files[0] && manifest.kind === "Workflow") ??
    documents.find(({ manifest, fileName: of }) => of === loader.files[0] && manifest.kind === "Agent");
  const names = checkTaskNames(file, documents, sourceMap);
  if (loader.problems.length > 0) return { fileName, problems: loader.problems, watched };
  if (main === undefined) return invalid(fileName, [at(sourceMap, "/workflow", "no-workflow", NO_WORKFLOW)], watched);
  if (names.length > 0) return invalid(fileName, names, watched);
  const { manifest } = main;
  if (manifest.kind !== "Workflow" && manifest.kind !== "Agent")
    throw new TypeError(`kind ${manifest.kind} cannot run`);
  return { fileName, file, sourceMap, main: manifest, documents, watched };
}

const NO_WORKFLOW = "This file holds no workflow and no agent";

interface Loader {
  readonly documents: LoadedDocument[];
  readonly files: string[];
  readonly problems: { fileName: string; diagnostics: readonly Diagnostic[] }[];
  load(path: string, pointer: string): void;
}

function createLoader(testFile: string, sourceMap: SourceMap): Loader {
  const documents: LoadedDocument[] = [];
  const files: string[] = [];
  const problems: { fileName: string; diagnostics: readonly Diagnostic[] }[] = [];
  const loadFile = (fileName: string, text: string) => {
    if (files.includes(fileName)) return;
    files.push(fileName);
    for (const part of splitDocuments(text)) {
      const parsed = parseManifest(part.text, { supported: "now", firstLine: part.firstLine });
      const { manifest, diagnostics } = parsed;
      if (manifest === undefined || hasErrors(diagnostics)) problems.push({ fileName, diagnostics });
      else documents.push({ fileName, manifest, sourceMap: parsed.sourceMap });
    }
  };
  const load: Loader["load"] = (path, pointer) => {
    const fileName = join(dirname(testFile), path);
    const isFolder = statSync(fileName, { throwIfNoEntry: false })?.isDirectory() === true;
    if (isFolder) {
      for (const name of definitionsIn(fileName)) loadFile(join(fileName, name), readText(join(fileName, name)) ?? "");
      return;
    }
    const text = readText(fileName);
    if (text !== undefined) return loadFile(fileName, text);
    const missing = at(sourceMap, pointer, "file-not-found", `There is no file "${path}" beside this one`);
    problems.push({ fileName: testFile, diagnostics: [missing] });
  };
  return { documents, files, problems, load };
}

function definitionsIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter(isDefinitionFile)
    .filter((name) => /^\s*(?:"?(?:apiVersion|document)"?\s*:|\{)/m.test(readText(join(folder, name)) ?? ""))
    .sort();
}

function inputFiles(testFile: string, file: WorkflowTestFile): readonly string[] {
  return file.tests.flatMap(({ inputFile }) => (inputFile === undefined ? [] : [join(dirname(testFile), inputFile)]));
}

/** Text of a file; undefined when it cannot be read. */
export function readText(fileName: string): string | undefined {
  try {
    return readFileSync(fileName, "utf8");
  } catch {
    return undefined;
  }
}

function at(sourceMap: SourceMap, pointer: string, code: string, message: string): Diagnostic {
  return { code, severity: "error", ...sourceMap.valuePosition(pointer), pointer, message };
}

function noFile(fileName: string): Diagnostic {
  const message = `Cannot read "${fileName}"`;
  return { code: "file-not-found", severity: "error", line: 1, column: 1, pointer: "", message };
}

function invalid(fileName: string, diagnostics: readonly Diagnostic[], watched: readonly string[]): InvalidTestFile {
  return { fileName, problems: [{ fileName, diagnostics }], watched };
}
