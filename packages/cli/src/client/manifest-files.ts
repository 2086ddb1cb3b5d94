import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { splitDocuments } from "@stigmer/dsl";
import { usageError } from "../cli-error.ts";
import type { CliContext } from "../command.ts";
import { readTextFile } from "../read-input.ts";

/** One document of a file; `line` is its first line in the file, from 1. */
export interface ManifestDocument {
  readonly fileName: string;
  readonly text: string;
  readonly line: number;
}

/** Every document of the named files; a folder means its `.yaml`, `.yml` and `.json` files without tests, `-` standard input. */
export async function readManifests(
  names: readonly string[],
  context: CliContext,
): Promise<readonly ManifestDocument[]> {
  if (names.length === 0) throw usageError("Cannot read documents: no file was named", "stigmer apply -f flow.yaml");
  const documents: ManifestDocument[] = [];
  for (const name of names) {
    if (name === "-") documents.push(...split("standard input", await context.readStdin()));
    else for (const file of filesOf(name)) documents.push(...split(file, readTextFile(file)));
  }
  return documents;
}

function filesOf(name: string): readonly string[] {
  if (!statSync(name, { throwIfNoEntry: false })?.isDirectory()) return [name];
  const files = readdirSync(name).filter((file) => isDefinitionFile(file) && !isData(join(name, file)));
  if (files.length === 0) throw usageError(`Cannot read documents: "${name}" holds no .yaml, .yml or .json file`);
  return files.sort().map((file) => join(name, file));
}

/** Whether a file of a folder may hold definitions; tests and their snapshots stand beside them. */
export function isDefinitionFile(file: string): boolean {
  return /\.(ya?ml|json)$/.test(file) && !/\.test(\.snapshots)?\.(ya?ml|json)$/.test(file);
}

/** Inputs and other data lie beside definitions as JSON; a definition says its language or its API version. */
function isData(path: string): boolean {
  return path.endsWith(".json") && !/"(dsl|apiVersion)"/.test(readTextFile(path));
}

function split(fileName: string, text: string): readonly ManifestDocument[] {
  const documents = splitDocuments(text);
  if (documents.length === 0) throw usageError(`Cannot read documents: ${fileName} holds none`);
  return documents.map((document) => ({ fileName, text: document.text, line: document.firstLine }));
}
