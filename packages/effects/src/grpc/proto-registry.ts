import { createFileRegistry, type DescFile, type FileRegistry, fromBinary } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  type FieldDescriptorProto,
  type FileDescriptorProto,
  FileDescriptorSetSchema,
  file_google_protobuf_any,
  file_google_protobuf_duration,
  file_google_protobuf_empty,
  file_google_protobuf_field_mask,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
  file_google_protobuf_wrappers,
} from "@bufbuild/protobuf/wkt";
import protobuf from "protobufjs";
import descriptor from "protobufjs/ext/descriptor.js";
import { failure } from "../fail.ts";

/**
 * The messages and services of a `.proto` text. It may import Google's well-known types and nothing else.
 *
 * @throws {DurableFailure} `configuration` saying where the text is wrong
 */
export function readProto(text: string): FileRegistry {
  if (text.length > MAX_PROTO_LENGTH) throw invalid(`it is longer than ${MAX_PROTO_LENGTH} characters`);
  try {
    const root = new protobuf.Root();
    const parsed = protobuf.parse(text, root, { keepCase: true });
    const imports = [...(parsed.imports ?? []), ...(parsed.weakImports ?? [])];
    for (const name of imports) addWellKnown(root, name);
    root.resolveAll();
    const file = toFile(root, parsed.package ?? "", text);
    file.dependency = imports;
    return createFileRegistry(file, (name) => WELL_KNOWN[name]);
  } catch (error) {
    if (!(error instanceof Error) || "failure" in error) throw error;
    throw invalid(error.message);
  }
}

const MAX_PROTO_LENGTH = 1_000_000;

const WELL_KNOWN: Readonly<Record<string, DescFile>> = Object.fromEntries(
  [
    file_google_protobuf_any,
    file_google_protobuf_duration,
    file_google_protobuf_empty,
    file_google_protobuf_field_mask,
    file_google_protobuf_struct,
    file_google_protobuf_timestamp,
    file_google_protobuf_wrappers,
  ].map((file) => [`${file.name}.proto`, file]),
);

function addWellKnown(root: protobuf.Root, name: string): void {
  const known = Object.hasOwn(WELL_KNOWN, name) ? protobuf.common.get(name) : null;
  if (!known?.nested) {
    throw invalid(
      `it imports "${name}"; only google/protobuf types can be imported, put everything else into one file`,
    );
  }
  root.addJSON(known.nested);
}

/** The text's own file; types are named in full and fields get their JSON names, which the library leaves open. */
function toFile(root: protobuf.Root, packageName: string, text: string): FileDescriptorProto {
  const bytes = descriptor.FileDescriptorSet.encode(root.toDescriptor(syntaxOf(text))).finish();
  const file = fromBinary(FileDescriptorSetSchema, bytes).file.find((one) => one.package === packageName);
  if (file === undefined) throw invalid("it declares nothing");
  const scope = packageName === "" ? "" : `.${packageName}`;
  for (const message of file.messageType) completeMessage(root, message, scope);
  for (const service of file.service) {
    const own = root.lookupService(`${scope}.${service.name}`);
    for (const method of service.method) {
      const found = own.methods[method.name];
      method.inputType = found?.resolvedRequestType?.fullName ?? method.inputType;
      method.outputType = found?.resolvedResponseType?.fullName ?? method.outputType;
    }
  }
  file.extension = [];
  return file;
}

function completeMessage(root: protobuf.Root, message: DescriptorProto, scope: string): void {
  const fullName = `${scope}.${message.name}`;
  const own = root.lookupType(fullName);
  // Extensions stand among the fields under a name with a dot, and are never part of a call's arguments.
  message.extension = [];
  message.field = message.field.filter(({ name }) => !name.startsWith("."));
  for (const field of message.field) completeField(own, message, field);
  for (const nested of message.nestedType) {
    if (nested.options?.mapEntry !== true) completeMessage(root, nested, fullName);
  }
}

function completeField(own: protobuf.Type, message: DescriptorProto, field: FieldDescriptorProto): void {
  const found = own.fields[field.name];
  if (found === undefined) return;
  const jsonName: unknown = found.options?.json_name;
  field.jsonName = typeof jsonName === "string" ? jsonName : toJsonName(field.name);
  if (field.typeName === "") return;
  const typeName = found.resolvedType?.fullName ?? field.typeName;
  if (!(found instanceof protobuf.MapField)) {
    field.typeName = typeName;
    return;
  }
  const entryName = field.typeName.split(".").at(-1) ?? "";
  const entry = message.nestedType.find((nested) => nested.name === entryName || nested.name === `${entryName}Entry`);
  field.typeName = `${own.fullName}.${entry?.name ?? entryName}`;
  for (const part of entry?.field ?? []) part.jsonName = part.name;
  const value = entry?.field.find(({ number }) => number === 2);
  if (value && value.typeName !== "") value.typeName = typeName;
}

/** As protoc writes it. */
function toJsonName(name: string): string {
  return name.replace(/_+(.?)/g, (_, next: string) => next.toUpperCase());
}

function syntaxOf(text: string): string {
  const plain = text.replace(/\/\*[\s\S]*?\*\//g, "");
  return /^\s*(?:syntax|edition)\s*=\s*["']([^"']+)["']/m.exec(plain)?.[1] ?? "proto2";
}

function invalid(why: string) {
  return failure("configuration", { detail: `Cannot use the proto of "call: grpc": ${why}`, retryable: false });
}
