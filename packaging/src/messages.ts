const PROJECT = "https://github.com/stigmer/stigmer";

/** How a person gets a fresh executable: Homebrew's command where Homebrew installed it, otherwise the releases page. */
export function reinstallAdvice(executable: string): string {
  const fromHomebrew = /\/(Cellar|homebrew|linuxbrew)\//.test(executable);
  return fromHomebrew ? "brew reinstall stigmer" : `${PROJECT}/releases`;
}

/** What a person reads when the version folder cannot be written. Part of the users' specification: keep verbatim. */
export function extractionFailed(params: { cause: string; home: string; executable: string }): string {
  return `Error: Failed to extract embedded binaries

Details: ${params.cause}

This may indicate:
- Insufficient disk space
- Permissions issue with ${params.home} directory
- Corrupted CLI installation

To fix:
  1. Check disk space: df -h ${params.home}
  2. Check permissions: ls -la ${params.home}
  3. Reinstall: ${reinstallAdvice(params.executable)}
`;
}

/** What a person reads on a platform that has no release. Part of the users' specification: keep verbatim. */
export function unsupportedPlatform(platform: string): string {
  return `Error: Unsupported platform: ${platform}

Stigmer CLI supports:
  - macOS arm64 (Apple Silicon)
  - macOS amd64 (Intel)
  - Linux amd64
  - Linux arm64

Your platform: ${platform}

Please open an issue if you need support for this platform:
  ${PROJECT}/issues
`;
}

/** First line of a change of version; both sides carry the build when the versions alone are equal. */
export function versionChange(fromId: string, toId: string): string {
  const [from, to] = [versionOf(fromId), versionOf(toId)];
  const sides = from === to ? `${fromId} → ${toId}` : `${from} → ${to}`;
  return `[INFO] Detected CLI version change (${sides})\n`;
}

/** Second line of a change of version, when files are written and not only the pointer moves. */
export const REEXTRACTING = "[INFO] Re-extracting embedded binaries...\n";

/** One line for files that were found damaged and written again. */
export function repaired(paths: readonly string[]): string {
  return `[INFO] Repaired damaged files: ${paths.join(", ")}\n`;
}

function versionOf(id: string): string {
  return id.split("+")[0] ?? id;
}
