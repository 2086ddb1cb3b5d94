import { createHash } from "node:crypto";
import type { EffectContext } from "../effect-context.ts";
import { failure } from "../fail.ts";
import { toEnvironment } from "../process/run-process.ts";
import { asText, type InputReader, isList, isObject } from "../read-input.ts";
import type { SensitiveValues } from "../sensitive-values.ts";
import { type Lifetime, REMOVE_AFTER_LABEL } from "./container-lifetime.ts";
import { resolveMount } from "./mounts.ts";

/** A container, checked. */
export interface Container {
  readonly image: string;
  readonly name: string;
  /** Shell text that runs instead of the image's own program. */
  readonly command: string | undefined;
  readonly args: readonly string[];
  /** `host:container`, as the engine takes them. */
  readonly ports: readonly string[];
  readonly volumes: readonly string[];
  /** Given to the engine's client, which passes them on by name: no value stands in an argument list. */
  readonly passedEnvironment: Readonly<Record<string, string>>;
  /** Variables that would steer the client itself, as `name=value`. */
  readonly namedEnvironment: readonly string[];
  readonly pull: "always" | "missing" | "never";
}

/** What checking a container needs. */
export interface ReadContainerParams {
  readonly sensitive: SensitiveValues;
  readonly allowedMounts: readonly string[];
}

/**
 * Reads the container of an effect's input.
 *
 * @throws {DurableFailure} `configuration` for names, ports, paths and variables that no container can have
 */
export async function readContainer(
  reader: InputReader,
  context: EffectContext,
  params: ReadContainerParams,
): Promise<Container> {
  const given = reader.value("arguments");
  const environment = toEnvironment({ ...(isObject(given) ? given : {}), ...reader.map("environment") });
  const steering = Object.entries(environment).filter(([name]) => STEERING.test(name));
  const secret = steering.find(([, value]) => params.sensitive.isIn(value));
  if (secret) throw invalid(`variable "${secret[0]}" steers the engine itself and cannot hold a secret`);
  const volumes = Object.entries(reader.map("volumes"));
  return {
    image: readImage(reader.text("image")),
    name: readName(reader.optionalText("name") ?? defaultName(context)),
    command: reader.optionalText("command"),
    args: isList(given) ? given.map(asText) : [],
    ports: Object.entries(reader.map("ports")).map(([host, inner]) => readPort(host, asText(inner))),
    volumes: await Promise.all(
      volumes.map(([source, target]) =>
        resolveMount({
          source,
          target: asText(target),
          workspaceDir: context.workspaceDir,
          allowed: params.allowedMounts,
        }),
      ),
    ),
    passedEnvironment: Object.fromEntries(Object.entries(environment).filter(([name]) => !STEERING.test(name))),
    namedEnvironment: steering.map(([name, value]) => `${name}=${value}`),
    pull: PULL[reader.oneOf("pullPolicy", ["ifNotPresent", "always", "never"], "ifNotPresent")],
  };
}

const PULL = { ifNotPresent: "missing", always: "always", never: "never" } as const;

/** Variables that docker, podman or their libraries read for themselves. */
const STEERING =
  /^(?:PATH|HOME|LANG|USER|TMPDIR|(?:LD|DYLD|DOCKER|CONTAINER|CONTAINERS|PODMAN|BUILDKIT|BUILDX|XDG|SSH|GO|SSL)_?.*|.*_proxy)$/i;

/** Label of all containers of one call, whatever its try. */
export function callLabel(context: EffectContext): string {
  return `stigmer.call=${digest(`${context.executionId} ${context.key}`)}`;
}

/** Arguments of the engine's `run`. */
export function toRunArguments(container: Container, context: EffectContext, lifetime: Lifetime): readonly string[] {
  const { command } = container;
  return [
    "run",
    "--interactive",
    ...option("--name", [container.name]),
    ...option("--label", [callLabel(context), `stigmer.execution=${context.executionId}`, ...lifetimeLabels(lifetime)]),
    ...option("--pull", [container.pull]),
    ...option("--publish", container.ports),
    ...option("--volume", container.volumes),
    ...option("--env", [...Object.keys(container.passedEnvironment), ...container.namedEnvironment]),
    ...(command === undefined ? [] : ["--entrypoint", "sh"]),
    container.image,
    ...(command === undefined ? [] : ["-c", command, "sh"]),
    ...container.args,
  ];
}

function lifetimeLabels(lifetime: Lifetime): readonly string[] {
  return lifetime.cleanup === "eventually" ? [`${REMOVE_AFTER_LABEL}=${lifetime.afterMs}`] : [];
}

function option(name: string, values: readonly string[]): readonly string[] {
  return values.flatMap((value) => [name, value]);
}

function defaultName(context: EffectContext): string {
  const execution = context.executionId.replace(/[^A-Za-z0-9_.-]/g, "-");
  return `stigmer-${execution}-${digest(context.key).slice(0, 12)}`;
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

function readImage(image: string): string {
  // An image that begins with a dash would be taken as an option.
  if (/^[A-Za-z0-9][\w./:@-]*$/.test(image)) return image;
  throw invalid(`"${image}" is no name of an image`);
}

function readName(name: string): string {
  if (/^[A-Za-z0-9][\w.-]{0,250}$/.test(name)) return name;
  throw invalid(`"${name}" is no name of a container; use letters, digits, "_", "." and "-"`);
}

/** Only this machine reaches a published port, unless the document says another address. */
function readPort(host: string, inner: string): string {
  if (!/^(?:(?:[\d.]+|\[[\da-fA-F:]+\]):)?\d{1,5}$/.test(host) || !/^\d{1,5}(?:\/(?:tcp|udp|sctp))?$/.test(inner)) {
    throw invalid(`port "${host}: ${inner}" is none; write "host port: container port"`);
  }
  return `${/^\d+$/.test(host) ? `127.0.0.1:${host}` : host}:${inner}`;
}

function invalid(why: string) {
  return failure("configuration", { detail: `Cannot do "run: container": ${why}`, retryable: false });
}
