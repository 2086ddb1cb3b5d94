/** The parts of a semantic version; `build` takes no part in the order. */
export interface SemanticVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** Empty for a release. */
  readonly preRelease: readonly string[];
  readonly build: string;
}

const IDENTIFIERS = "[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*";
const NUMBER = "(0|[1-9]\\d{0,14})";
const PATTERN = new RegExp(`^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-(${IDENTIFIERS}))?(?:\\+(${IDENTIFIERS}))?$`);
const LEADING_ZERO = /^0\d+$/;

/** Reads `major.minor.patch[-pre][+build]`; undefined when the text is no semantic version. */
export function parseVersion(text: string): SemanticVersion | undefined {
  const match = text.length > 256 ? null : PATTERN.exec(text);
  if (match === null) return undefined;
  const preRelease = match[4]?.split(".") ?? [];
  if (preRelease.some((part) => LEADING_ZERO.test(part))) return undefined;
  return {
    major: Number(match[1]),
    minor: Number(match[2]),
    patch: Number(match[3]),
    preRelease,
    build: match[5] ?? "",
  };
}

/** Order of two semantic versions by precedence: negative, 0 or positive; texts that are none come first. */
export function compareVersions(left: string, right: string): number {
  const a = parseVersion(left);
  const b = parseVersion(right);
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch || comparePreReleases(a.preRelease, b.preRelease);
}

/** The version `latest` stands for: the highest release; the highest pre-release only where nothing was released. */
export function latestVersion(versions: Iterable<string>): string | undefined {
  const sorted = [...versions].filter((version) => parseVersion(version) !== undefined).sort(compareVersions);
  return sorted.findLast((version) => parseVersion(version)?.preRelease.length === 0) ?? sorted.at(-1);
}

function comparePreReleases(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const order = compareIdentifiers(a[i], b[i]);
    if (order !== 0) return order;
  }
  return 0;
}

function compareIdentifiers(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  const aIsNumber = /^\d+$/.test(a);
  const bIsNumber = /^\d+$/.test(b);
  if (aIsNumber && bIsNumber) return Number(a) - Number(b);
  if (aIsNumber !== bIsNumber) return aIsNumber ? -1 : 1;
  return a === b ? 0 : a < b ? -1 : 1;
}
