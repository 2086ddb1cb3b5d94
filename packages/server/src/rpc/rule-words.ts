/** What a field must look like, in words; a pattern alone tells people little. By the last name of the field's path. */
const WORDS: Readonly<Record<string, string>> = {
  name: "must be 1 to 63 small letters, digits and inner hyphens",
  namespace: "must be 1 to 63 small letters, digits and inner hyphens, or empty",
  environment: "must be 1 to 63 small letters, digits and inner hyphens, or empty",
  agent: "must be the name of an agent, or empty",
  kind: "must be Workflow, Agent, McpServer or Environment",
  id: "must be an id such as wex_, aex_ or ses_ and 26 letters and digits",
  session_id: "must be an id such as ses_ and 26 letters and digits",
  parent_id: "must be an id such as wex_ and 26 letters and digits",
  digest: "must be sha256: and 64 hexadecimal digits",
  path: "must be an absolute path",
  idempotency_key: "must be at most 200 visible ASCII characters without spaces",
  labels: "must have keys of letters, digits and . _ / - between them",
};

/** Names of secrets may hold more than names of resources. */
const SECRET_WORDS = "must be 1 to 128 letters, digits, _ . and -, not led by . or -";

/** Words for a field that does not match its pattern; the rule's own message where there are none. */
export function patternWords(typeName: string, field: string, message: string): string {
  if (field === "name" && /Secret/.test(typeName)) return SECRET_WORDS;
  return Object.hasOwn(WORDS, field) ? (WORDS[field] ?? message) : message;
}
