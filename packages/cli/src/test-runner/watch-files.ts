import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";

/** Editors write a file in several steps; this long after the last one it counts as written, ms. */
const QUIET_MS = 80;

/**
 * Resolves when one of the files has changed; their folders are watched, because editors replace files.
 *
 * @returns false when the signal ended it
 */
export function whenChanged(files: readonly string[], signal: AbortSignal): Promise<boolean> {
  return new Promise((done) => {
    const watchers: FSWatcher[] = [];
    let quiet: NodeJS.Timeout | undefined;
    const end = (hasChanged: boolean) => {
      clearTimeout(quiet);
      for (const watcher of watchers) watcher.close();
      signal.removeEventListener("abort", onAbort);
      done(hasChanged);
    };
    const onAbort = () => end(false);
    if (signal.aborted) return done(false);
    signal.addEventListener("abort", onAbort);
    for (const folder of new Set(files.map((file) => dirname(file)))) {
      const names = new Set(files.filter((file) => dirname(file) === folder).map((file) => basename(file)));
      watchers.push(
        watch(folder, (_, name) => {
          if (name !== null && !names.has(name)) return;
          clearTimeout(quiet);
          quiet = setTimeout(() => end(true), QUIET_MS);
        }),
      );
    }
  });
}
