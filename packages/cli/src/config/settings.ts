import { DEFAULT_PORT, LOG_LEVELS, type LogLevel } from "@stigmer/lifecycle";
import { isMap, LineCounter, parseDocument } from "yaml";

/** What the platform is started with. */
export interface PlatformSettings {
  readonly host: string;
  /** 0 means any free port. */
  readonly port: number;
  readonly logLevel: LogLevel;
  /** Files of PEM; both or none. Empty speaks in clear, on this machine alone. */
  readonly tlsCert: string;
  readonly tlsKey: string;
}

/** One known setting: its key in `config.yaml`, variable, default and check. */
export interface SettingDefinition {
  readonly key: keyof PlatformSettings;
  readonly variable: string;
  readonly description: string;
  readonly fallback: string | number;
  /** The value, or undefined when the text is not one. */
  readonly parse: (text: string) => string | number | undefined;
  readonly expected: string;
}

/** All settings of `config.yaml`. */
export const SETTINGS: readonly SettingDefinition[] = [
  {
    key: "host",
    variable: "STIGMER_HOST",
    description: "address the API listens on",
    fallback: "127.0.0.1",
    parse: (text) => (/^[0-9a-zA-Z.:-]{1,253}$/.test(text) ? text : undefined),
    expected: "an IP address or host name",
  },
  {
    key: "port",
    variable: "STIGMER_PORT",
    description: "port of the API; 0 takes any free one",
    fallback: DEFAULT_PORT,
    parse: (text) => (/^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined),
    expected: "a port from 0 to 65535",
  },
  {
    key: "logLevel",
    variable: "STIGMER_LOG_LEVEL",
    description: "least level that is logged",
    fallback: "info",
    parse: (text) => LOG_LEVELS.find((level) => level === text),
    expected: `one of ${LOG_LEVELS.join(", ")}`,
  },
  {
    key: "tlsCert",
    variable: "STIGMER_TLS_CERT",
    description: "certificate (PEM) of the API; with tlsKey other machines may call",
    fallback: "",
    parse: absolutePath,
    expected: "an absolute path",
  },
  {
    key: "tlsKey",
    variable: "STIGMER_TLS_KEY",
    description: "private key (PEM) of tlsCert",
    fallback: "",
    parse: absolutePath,
    expected: "an absolute path",
  },
];

function absolutePath(text: string): string | undefined {
  return text.startsWith("/") ? text : undefined;
}

/** A setting with the place that decided it. */
export interface EffectiveSetting {
  readonly key: string;
  readonly value: string | number;
  readonly source: "flag" | "environment" | "file" | "default";
  readonly description: string;
}

/** A wrong setting: what, where, and what is expected. */
export class SettingError extends Error {
  override readonly name = "SettingError";
  readonly where: string;

  constructor(message: string, where: string) {
    super(message);
    this.where = where;
  }
}

export interface ResolveSettingsParams {
  readonly flags: Readonly<Record<string, string | undefined>>;
  readonly env: NodeJS.ProcessEnv;
  /** Text of `config.yaml`; undefined when there is none. */
  readonly fileText: string | undefined;
  readonly filePath: string;
}

/**
 * Every setting by precedence: flag, environment, file, default.
 *
 * @throws {SettingError} for a wrong value, an unknown key or a file that is not YAML
 */
export function resolveSettings(params: ResolveSettingsParams): readonly EffectiveSetting[] {
  const inFile = parseConfigFile(params.fileText ?? "", params.filePath);
  return SETTINGS.map((setting) => {
    const candidates = [
      { source: "flag" as const, text: params.flags[setting.key], where: `--${setting.key}` },
      { source: "environment" as const, text: params.env[setting.variable], where: setting.variable },
      { source: "file" as const, text: inFile.get(setting.key)?.text, where: inFile.get(setting.key)?.where ?? "" },
    ];
    const decided = candidates.find(({ text }) => text !== undefined && text !== "");
    if (!decided) return { ...describe(setting), value: setting.fallback, source: "default" as const };
    const value = setting.parse(decided.text ?? "");
    if (value === undefined) {
      const message = `Cannot use setting "${setting.key}": "${decided.text}" is not ${setting.expected}`;
      throw new SettingError(message, decided.where);
    }
    return { ...describe(setting), value, source: decided.source };
  });
}

/** The settings as the platform takes them. */
export function toPlatformSettings(effective: readonly EffectiveSetting[]): PlatformSettings {
  const effectiveValue = (key: keyof PlatformSettings) => effective.find((setting) => setting.key === key)?.value;
  return {
    host: String(effectiveValue("host")),
    port: Number(effectiveValue("port")),
    logLevel: LOG_LEVELS.find((level) => level === effectiveValue("logLevel")) ?? "info",
    tlsCert: String(effectiveValue("tlsCert")),
    tlsKey: String(effectiveValue("tlsKey")),
  };
}

function describe(setting: SettingDefinition) {
  return { key: setting.key, description: setting.description };
}

function parseConfigFile(text: string, path: string): ReadonlyMap<string, { text: string; where: string }> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  const broken = document.errors[0];
  if (broken)
    throw new SettingError(`Cannot read the configuration: ${broken.message.split("\n")[0]}`, at(broken.pos[0]));
  const entries = new Map<string, { text: string; where: string }>();
  if (document.contents === null) return entries;
  if (!isMap(document.contents))
    throw new SettingError("Cannot read the configuration: it is not a map", `${path}:1:1`);
  for (const pair of document.contents.items) {
    const key = String(pair.key);
    const where = at(rangeStart(pair.key));
    if (!SETTINGS.some((setting) => setting.key === key)) {
      const known = SETTINGS.map((setting) => setting.key).join(", ");
      throw new SettingError(`Cannot use setting "${key}": it is not one of ${known}`, where);
    }
    entries.set(key, { text: String(pair.value ?? ""), where });
  }
  return entries;
}

function rangeStart(node: unknown): number {
  const range = typeof node === "object" && node !== null && "range" in node ? node.range : undefined;
  return Array.isArray(range) && typeof range[0] === "number" ? range[0] : 0;
}
