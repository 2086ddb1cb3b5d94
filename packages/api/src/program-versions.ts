/**
 * Version of each durable program that new executions start with. It grows when a program can no longer continue a journal
 * that an older one began; a runner says which versions it reads and refuses every other lease.
 */
export const PROGRAM_VERSIONS: Readonly<Record<string, number>> = { workflow: 1, agent: 1 };
