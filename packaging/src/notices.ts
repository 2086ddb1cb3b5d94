import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A package of somebody else that is part of the executable. */
interface ThirdParty {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly text: string;
}

/**
 * The notices of every package whose code was bundled, and of Node itself, as one text.
 *
 * @param nodeFolder the package that Node's executable comes from
 * @param inputs absolute paths of the files that the bundler read
 * @throws {Error} when a bundled package states no licence: it may then not be shipped
 */
export function thirdPartyNotices(nodeFolder: string, inputs: readonly string[]): string {
  const folders = [...new Set(inputs.flatMap(packageFolder))];
  const packages = folders.map(describePackage).sort((a, b) => (a.name < b.name ? -1 : 1));
  const parts = [{ ...describePackage(nodeFolder), name: "Node.js" }, ...packages];
  const chapters = [...new Set(parts.map((part) => `${title(part)}\n\n${part.text}\n`))];
  return ["stigmer contains the following third-party software.\n", ...chapters].join(`\n${"-".repeat(78)}\n\n`);
}

/** Folder of the innermost package that a bundled file belongs to; none for files of the tree itself. */
function packageFolder(input: string): string[] {
  const [, folder] = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input) ?? [];
  return folder === undefined ? [] : [folder];
}

function describePackage(folder: string): ThirdParty {
  const manifest: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const [name, version, license] = ["name", "version", "license"].map((field) => textField(manifest, field));
  if (license === undefined) throw new Error(`Cannot ship ${folder}: its package.json states no licence`);
  return { name: name ?? "", version: version ?? "", license, text: licenseTexts(folder) };
}

function licenseTexts(folder: string): string {
  return readdirSync(folder)
    .filter((file) => /^(licen[sc]e|notice|copying)(\.|$)/i.test(file))
    .sort()
    .map((file) => readFileSync(join(folder, file), "utf8").trim())
    .join("\n\n");
}

function title({ name, version, license }: ThirdParty): string {
  return `${name} ${version} (${license})`;
}

function textField(value: unknown, field: string): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const found = Object.entries(value).find(([name]) => name === field)?.[1];
  return typeof found === "string" ? found : undefined;
}
