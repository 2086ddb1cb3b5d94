import { type DescExtension, type DescFile, type DescMessage, type DescService, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";

/** Finds descriptor files as the reflection protocol asks for them. */
export interface DescriptorIndex {
  readonly services: readonly string[];
  byFileName(name: string): DescFile | undefined;
  bySymbol(name: string): DescFile | undefined;
  byExtension(extendee: string, number: number): DescFile | undefined;
  /** Numbers of all extensions of a message. */
  extensionNumbers(extendee: string): readonly number[];
  /** The file and everything it imports, each a serialized FileDescriptorProto. */
  withImports(file: DescFile): readonly Uint8Array[];
}

/** Indexes the files of these services and everything they import. */
export function createDescriptorIndex(services: readonly DescService[]): DescriptorIndex {
  const files = new Map<string, DescFile>();
  const symbols = new Map<string, DescFile>();
  const extensions = new Map<string, Map<number, DescFile>>();
  const addExtension = (extension: DescExtension) => {
    symbols.set(extension.typeName, extension.file);
    const numbers = extensions.get(extension.extendee.typeName) ?? new Map<number, DescFile>();
    extensions.set(extension.extendee.typeName, numbers.set(extension.number, extension.file));
  };
  const addMessage = (message: DescMessage) => {
    symbols.set(message.typeName, message.file);
    message.nestedMessages.forEach(addMessage);
    message.nestedExtensions.forEach(addExtension);
    for (const nested of message.nestedEnums) symbols.set(nested.typeName, nested.file);
  };
  const addFile = (file: DescFile) => {
    if (files.has(file.proto.name)) return;
    files.set(file.proto.name, file);
    file.dependencies.forEach(addFile);
    file.messages.forEach(addMessage);
    file.extensions.forEach(addExtension);
    for (const one of file.enums) symbols.set(one.typeName, file);
    for (const service of file.services) {
      symbols.set(service.typeName, file);
      for (const method of service.methods) symbols.set(`${service.typeName}.${method.name}`, file);
    }
  };
  for (const service of services) addFile(service.file);
  return {
    services: services.map((service) => service.typeName),
    byFileName: (name) => files.get(name),
    bySymbol: (name) => symbols.get(name),
    byExtension: (extendee, number) => extensions.get(extendee)?.get(number),
    extensionNumbers: (extendee) => [...(extensions.get(extendee)?.keys() ?? [])],
    withImports,
  };
}

function withImports(file: DescFile): readonly Uint8Array[] {
  const seen = new Set<string>();
  const collect = (one: DescFile): Uint8Array[] => {
    if (seen.has(one.proto.name)) return [];
    seen.add(one.proto.name);
    return [toBinary(FileDescriptorProtoSchema, one.proto), ...one.dependencies.flatMap(collect)];
  };
  return collect(file);
}
