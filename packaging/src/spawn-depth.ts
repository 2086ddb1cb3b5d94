const VARIABLE = "STIGMER_SPAWN_DEPTH";

/**
 * Deepest chain of our own processes that is not a mistake: cli, supervisor, runner, guard, script are depths 0 to 4,
 * and one more for a command that a person runs from such a place.
 */
export const DEEPEST_SPAWN = 5;

/**
 * Counts this process into the chain of our own processes and leaves the count for its children.
 *
 * The seat belt against a dependency that calls `fork()`, which inside a single executable starts the whole program again.
 *
 * @returns a message when the chain is too deep to be meant
 */
export function countSpawnDepth(env: NodeJS.ProcessEnv): string | undefined {
  const depth = Number.parseInt(env[VARIABLE] ?? "0", 10) || 0;
  if (depth > DEEPEST_SPAWN) {
    return (
      `Error: Refused to start: ${depth} stigmer processes started one another\n\n` +
      `A process of stigmer keeps starting itself. Set ${VARIABLE}=0 if this chain is meant, otherwise report it:\n` +
      "  https://github.com/stigmer/stigmer/issues\n"
    );
  }
  env[VARIABLE] = String(depth + 1);
  return undefined;
}
