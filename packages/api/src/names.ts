/** Where a resource lives when nothing else is said. */
export const DEFAULT_NAMESPACE = "default";

/** The environment that is used when neither caller nor resource names one. */
export const DEFAULT_ENVIRONMENT = "default";

/** Names and namespaces are DNS labels: 1 to 63 lower-case letters, digits and inner hyphens (RFC 1123). */
export const NAME_PATTERN = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Names of secrets and variables: 1 to 128 letters, digits, `_`, `.` and `-`, not led by `.` or `-`. */
export const SECRET_NAME_PATTERN = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/** Whether the text may name a resource or a namespace. */
export function isName(text: string): boolean {
  return NAME_PATTERN.test(text);
}

/** Whether the text may name a secret or a variable. */
export function isSecretName(text: string): boolean {
  return SECRET_NAME_PATTERN.test(text);
}

/** A resource as people write it: `[namespace/]name[:version]`. */
export interface NameParts {
  /** Absent when the text names none. */
  readonly namespace?: string;
  readonly name: string;
  readonly version?: string;
}

/** Reads `name`, `namespace/name`, `name:version` or `namespace/name:version`; undefined when it is none of them. */
export function parseName(text: string): NameParts | undefined {
  const match = /^(?:([^/:]+)\/)?([^/:]+)(?::([^/:]{1,128}))?$/.exec(text);
  if (match === null) return undefined;
  const [, namespace, name = "", version] = match;
  if (!isName(name) || (namespace !== undefined && !isName(namespace))) return undefined;
  return { name, ...(namespace === undefined ? {} : { namespace }), ...(version === undefined ? {} : { version }) };
}

/** `namespace/name`, the form in messages and lists. */
export function formatName(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}
