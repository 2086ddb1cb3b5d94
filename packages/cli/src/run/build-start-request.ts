import { randomUUID } from "node:crypto";
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { fromJson, type MessageInitShape } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import type { StartRequestSchema } from "@stigmer/api";
import { usageError } from "../cli-error.ts";
import { parseTypedName } from "../client/kind-words.ts";
import { isDefinitionFile } from "../client/manifest-files.ts";
import { parseLabels } from "../client/parse-labels.ts";
import type { CommandCall } from "../command.ts";
import { readInput, readTextFile } from "../read-input.ts";

/** What a server is asked to start. */
export type StartRequest = MessageInitShape<typeof StartRequestSchema>;

/** The request that a call of `run` means. One idempotency key per command: a repeat never starts a second execution. */
export async function buildStartRequest(call: CommandCall): Promise<StartRequest> {
  const { options } = call;
  const input = await readInput(options.text("input"), call.context);
  const workspace = options.text("workspace");
  return {
    ...what(call),
    ...(input === undefined ? {} : { input: fromJson(ValueSchema, input) }),
    message: options.text("message") ?? "",
    sessionId: options.text("session") ?? "",
    environment: options.text("environment") ?? "",
    labels: parseLabels(options.texts("label")),
    workspace: workspace === undefined ? "" : resolve(workspace),
    idempotencyKey: options.text("idempotencyKey") ?? randomUUID(),
    subflows: readSubflows(options.text("subflows")),
  };
}

function what(call: CommandCall): StartRequest {
  const [name] = call.args;
  const file = call.options.text("filename");
  if (name !== undefined && file !== undefined) throw usageError("Cannot run: give a name or a file, not both");
  if (file !== undefined) return { source: readTextFile(file), fileName: file };
  if (name === undefined)
    throw usageError("Cannot run: no name and no file was given", "stigmer run NAME, or stigmer run -f FILE");
  return { target: { kind: "", ...parseTypedName(name, call.options.text("namespace")) } };
}

/** The documents of a folder, as texts. */
export function readSubflows(folder: string | undefined): string[] {
  if (folder === undefined) return [];
  return readdirSync(folder)
    .filter(isDefinitionFile)
    .sort()
    .map((file) => readTextFile(join(folder, file)));
}
