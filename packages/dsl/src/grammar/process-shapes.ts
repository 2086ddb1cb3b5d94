import { RESOURCE } from "./connection-shapes.ts";
import { DURATION } from "./data-shapes.ts";
import {
  BOOLEAN,
  CODE,
  choice,
  DATA,
  DATA_MAP,
  type Field,
  type FieldOptions,
  listOf,
  mapOf,
  oneOf,
  optional,
  record,
  required,
  type Shape,
  text,
  type VariantShape,
} from "./shape.ts";

/** A list since 1.0.3, a map before. */
const ARGUMENTS = optional(
  "arguments",
  choice({ list: listOf(DATA), map: DATA_MAP, text: text() }),
  "Arguments: a list in order, or a map of variables.",
);
const ENVIRONMENT = optional(
  "environment",
  choice({ map: mapOf(DATA, { names: "environment-name" }), text: text() }),
  "Variables.",
);
const STDIN = optional("stdin", text(), "Standard input.");

const CONTAINER = record("container", [
  required("image", text("not-empty"), "Image to run."),
  optional("name", text(), "Name of the container."),
  optional("command", CODE, "Command to run in it."),
  optional("ports", DATA_MAP, "Ports, of the host and of the container."),
  optional("volumes", DATA_MAP, "Volumes, of the host and of the container."),
  ENVIRONMENT,
  STDIN,
  ARGUMENTS,
  optional(
    "lifetime",
    record("container lifetime", [
      required("cleanup", oneOf("always", "never", "eventually"), "When the container is removed."),
      optional("after", DURATION, "How long it is kept, for eventually."),
    ]),
    "How long the container is kept; never removed by default.",
  ),
  optional(
    "pullPolicy",
    oneOf("ifNotPresent", "always", "never"),
    "When the image is pulled; ifNotPresent by default.",
  ),
]);

const SCRIPT = record(
  "script",
  [
    required("language", text("not-empty"), "Language: js or python."),
    optional("code", CODE, "The script."),
    optional("source", RESOURCE, "Where the script is."),
    STDIN,
    ARGUMENTS,
    ENVIRONMENT,
  ],
  { exactlyOne: [["code", "source"]] },
);

const SHELL = record("shell command", [required("command", CODE, "The command."), STDIN, ARGUMENTS, ENVIRONMENT]);

const SUBFLOW = record("workflow to run", [
  required("namespace", text("name"), "Namespace of the workflow."),
  required("name", text("name"), "Name of the workflow."),
  optional("version", text("version-or-latest"), "Version of the workflow; latest by default."),
  optional("input", DATA, "Input of the workflow."),
]);

const COMMON: readonly Field[] = [
  optional("await", BOOLEAN, "Waits for the end; true by default."),
  optional("return", oneOf("stdout", "stderr", "code", "all", "none"), "What the process gives; stdout by default."),
];

function process(name: string, shape: Shape, doc: string, options: FieldOptions = {}): readonly [string, Shape] {
  return [name, record(`${name} process`, [required(name, shape, doc, options), ...COMMON])];
}

/** What `run` can run. */
export const RUN: VariantShape = {
  kind: "variant",
  noun: "process",
  variants: [
    process("container", CONTAINER, "Runs a container.", { isEffect: true }),
    process("script", SCRIPT, "Runs a script.", { isEffect: true }),
    process("shell", SHELL, "Runs a shell command.", { isEffect: true }),
    process("workflow", SUBFLOW, "Runs another workflow."),
  ],
};
