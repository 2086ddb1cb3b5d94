/** What each group of two-word commands is about. */
export const GROUPS: Readonly<Record<string, string>> = {
  config: "Read and write settings",
  secret: "Write secrets; they can never be read back",
  session: "Conversations with agents",
  event: "CloudEvents",
  server: "Aliases of up, down, status and logs",
};
