import type { CommandDefinition } from "./command.ts";

/** Commands for those who write documents. */
export const AUTHORING_COMMANDS: readonly CommandDefinition[] = [
  {
    name: "test",
    summary: "Test workflows offline, in virtual time",
    arguments: [{ name: "[files...]", description: "test files or folders; **/*.test.yaml below here when absent" }],
    options: [
      { flags: "--filter <text>", description: "only tests with this in their name" },
      { flags: "--watch", description: "run again when a file changes" },
      { flags: "--reporter <form>", description: "form of the report", choices: ["pretty", "tap", "junit"] },
      { flags: "--coverage", description: "say which tasks and branches no test came to" },
      { flags: "--coverage-min <percent>", description: "fail when less is covered" },
      { flags: "--chaos <seed>", description: "also kill and replay between tasks, and expect the same" },
      { flags: "--update-snapshots", description: "take the outputs of this run as snapshots" },
    ],
    examples: ["stigmer test examples/data-flow", "stigmer test examples --coverage --chaos 7"],
    load: () => import("./commands/test.ts"),
  },
  {
    name: "lsp",
    summary: "Serve an editor with checks, completion and docs (Language Server Protocol over stdio)",
    examples: ["stigmer lsp"],
    load: () => import("./commands/lsp.ts"),
  },
];
