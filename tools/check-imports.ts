import { IMPORT_LAW, PURE_PACKAGES } from "./import-law.ts";
import { isOwnTypeScript, isTest, readSourceFiles, type SourceFile } from "./source-files.ts";

/** Modules that no product code may import: they re-enter the single executable's main. */
const FORBIDDEN_NAMES = /\bimport\s*\{[^}]*\bfork\b[^}]*\}\s*from\s*"node:child_process"|"node:cluster"/;

/** Every breach of the import law, as `path: message`. */
export function findImportBreaches(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap(({ path, text }) => {
    const owner = ownerOf(path);
    if (owner === undefined) return [];
    const breaches = importsOf(text).flatMap((specifier) => breachesOf(path, owner, specifier));
    const isProduct = path.startsWith("packages/") || path.startsWith("packaging/");
    return isProduct && FORBIDDEN_NAMES.test(text)
      ? [...breaches, `${path}: fork and cluster re-enter the executable`]
      : breaches;
  });
}

function breachesOf(path: string, owner: string, specifier: string): readonly string[] {
  const isPure = PURE_PACKAGES.some((name) => owner === `packages/${name}`);
  if (isPure && !isTest(path) && specifier.startsWith("node:")) return [`${path}: a pure package imports ${specifier}`];
  if (specifier.startsWith("."))
    return leavesPackage(path, owner, specifier) ? [`${path}: ${specifier} leaves ${owner}`] : [];
  const ours = /^@stigmer\/([^/]+)(\/.*)?$/.exec(specifier);
  if (!ours) return [];
  const [, name = "", deep] = ours;
  const allowed = IMPORT_LAW[owner] ?? [];
  const breaches: string[] = [];
  if (!allowed.includes("*") && !allowed.includes(name)) breaches.push(`${path}: ${owner} may not import ${specifier}`);
  if (deep !== undefined && !(deep === "/testsuite" && isTest(path))) {
    breaches.push(`${path}: ${specifier} goes around the door of @stigmer/${name}`);
  }
  return breaches;
}

/** The longest key of the law that the file lies below. */
function ownerOf(path: string): string | undefined {
  return Object.keys(IMPORT_LAW)
    .filter((folder) => path.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length)[0];
}

function importsOf(text: string): readonly string[] {
  const found = text.matchAll(/(?:\bfrom\s+|\bimport\s*\(\s*|^import\s+)"([^"]+)"/gm);
  return [...found].map(([, specifier = ""]) => specifier);
}

/** Below another folder of the law lies only what the owner may import by that folder's name. */
function leavesPackage(path: string, owner: string, specifier: string): boolean {
  const target = new URL(specifier, `file:///${path}`).pathname.slice(1);
  if (target.startsWith(`${owner}/`)) return false;
  return !(IMPORT_LAW[owner] ?? []).includes(ownerOf(target) ?? "");
}

if (import.meta.main) {
  const breaches = findImportBreaches(readSourceFiles((path) => isOwnTypeScript(path) && !path.startsWith("tools/")));
  for (const breach of breaches) console.error(breach);
  process.exitCode = breaches.length === 0 ? 0 : 1;
}
