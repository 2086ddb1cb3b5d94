import { existsSync, type FSWatcher, statSync, watch } from "node:fs";
import { basename, dirname } from "node:path";

/** Editors write a file in several steps; this long after the last one it counts as written, ms. */
const QUIET_MS = 80;

/** What is watched. */
export interface WhenChangedParams {
  readonly files: readonly string[];
  /** Changes from here on count, also those that came before the watching began; epoch ms. */
  readonly sinceMs: number;
  readonly signal: AbortSignal;
}

/**
 * Resolves when one of the files has changed; their folders are watched, because editors replace files.
 *
 * @returns false when the signal ended it
 */
export function whenChanged({ files, sinceMs, signal }: WhenChangedParams): Promise<boolean> {
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
    for (const folder of new Set(files.map((file) => dirname(file)).filter((one) => existsSync(one)))) {
      const names = new Set(files.filter((file) => dirname(file) === folder).map((file) => basename(file)));
      watchers.push(
        watch(folder, (_, name) => {
          if (name !== null && !names.has(name)) return;
          clearTimeout(quiet);
          quiet = setTimeout(() => end(true), QUIET_MS);
        }),
      );
    }
    if (files.some((file) => (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) > sinceMs)) end(true);
  });
}
