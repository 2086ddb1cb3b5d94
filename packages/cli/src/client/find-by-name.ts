import type { ResourceRef } from "@stigmer/api";
import type { StigmerClient } from "@stigmer/sdk";
import { CLI_EXIT, CliError } from "../cli-error.ts";
import type { CommandCall } from "../command.ts";
import { parseTypedName, type TypedName } from "./kind-words.ts";

/** Which resource a command means. */
export type FoundName = TypedName & Pick<ResourceRef, "kind">;

/**
 * The resource that was typed. A name without namespace must be the only one of its kind with that name, as for `run`;
 * one that stands in no namespace at all is left to the server to refuse.
 *
 * @throws {CliError} AMBIGUOUS_NAME with the candidates
 */
export async function findByName(
  call: CommandCall,
  client: StigmerClient,
  params: { readonly kind: string; readonly text: string },
): Promise<FoundName> {
  const { kind, text } = params;
  const typed = parseTypedName(text, call.options.text("namespace"));
  if (typed.namespace !== "") return { kind, ...typed };
  const namespaces = await namespacesOf(client, kind, typed.name);
  const [only, ...others] = namespaces;
  if (others.length === 0) return { kind, ...typed, namespace: only ?? "" };
  throw new CliError({
    reason: "AMBIGUOUS_NAME",
    message: `Cannot choose ${kind} "${typed.name}": it stands in the namespaces ${namespaces.join(", ")}`,
    next: `name one: ${only}/${typed.name}`,
    exitCode: CLI_EXIT.usage,
  });
}

async function namespacesOf(client: StigmerClient, kind: string, name: string): Promise<readonly string[]> {
  const resources = await client.resources();
  const namespaces: string[] = [];
  let pageToken = "";
  do {
    const page = await resources.list({ kind, pageSize: 500, pageToken });
    for (const { metadata } of page.resources) if (metadata?.name === name) namespaces.push(metadata.namespace);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return namespaces;
}
