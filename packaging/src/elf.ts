/** One program header: what the loader maps, and where its own header stands in the file. */
export interface ElfSegment {
  readonly headerOffset: number;
  readonly kind: number;
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  readonly align: number;
}

/** One section header; `name` is an offset into the section name table. */
export interface ElfSection {
  readonly name: number;
  readonly kind: number;
  readonly flags: number;
  readonly offset: number;
  readonly sizeBytes: number;
  readonly link: number;
}

/** One entry of the dynamic table. */
export interface ElfDynamic {
  readonly offset: number;
  readonly tag: number;
  readonly value: number;
}

/** What the packaging steps read of an executable: headers only, no content is copied. */
export interface Elf {
  readonly bytes: Buffer;
  readonly machine: number;
  readonly segments: readonly ElfSegment[];
  readonly sections: readonly ElfSection[];
  readonly dynamic: readonly ElfDynamic[];
}

/** Values of the ELF format that the packaging steps use. */
export const ELF = {
  machineX64: 62,
  machineArm64: 183,
  segmentLoad: 1,
  segmentDynamic: 2,
  segmentNote: 4,
  flagExecute: 1,
  sectionNoBits: 8,
  sectionStringTable: 3,
  flagAlloc: 2,
  sectionHeaderSize: 64,
  tagNeeded: 1,
  tagPltSize: 2,
  tagStringTable: 5,
  tagSymbolTable: 6,
  tagPltRelocations: 23,
  tagVersionSymbols: 0x6ffffff0,
  tagVersionNeeds: 0x6ffffffe,
  tagVersionNeedCount: 0x6fffffff,
} as const;

/** Reads the headers of a little-endian 64-bit ELF file. Throws when the bytes are anything else. */
export function readElf(bytes: Buffer): Elf {
  if (bytes.length < 64 || bytes.readUInt32BE(0) !== 0x7f454c46 || bytes[4] !== 2 || bytes[5] !== 1) {
    throw new Error("Cannot read the executable: it is not a little-endian ELF64 file");
  }
  const segments = readSegments(bytes);
  return {
    bytes,
    machine: bytes.readUInt16LE(18),
    segments,
    sections: readSections(bytes),
    dynamic: readDynamic(bytes, segments),
  };
}

/** Names of the shared libraries that the loader must find (DT_NEEDED), in the file's order. */
export function neededLibraries(elf: Elf): string[] {
  const strings = fileOffset(elf, dynamicValue(elf, ELF.tagStringTable));
  return elf.dynamic
    .filter((entry) => entry.tag === ELF.tagNeeded)
    .map((entry) => readCString(elf.bytes, strings + entry.value));
}

/** Place in the file of a mapped address. Throws when no segment carries it. */
export function fileOffset(elf: Elf, address: number): number {
  const segment = elf.segments.find(
    (s) => s.kind === ELF.segmentLoad && address >= s.address && address < s.address + s.fileSize,
  );
  if (segment === undefined) throw new Error(`Cannot find address 0x${address.toString(16)} in the executable`);
  return segment.offset + address - segment.address;
}

/** Value of a dynamic entry that must be there. */
export function dynamicValue(elf: Elf, tag: number): number {
  return dynamicEntry(elf, tag).value;
}

/** A dynamic entry that must be there. */
export function dynamicEntry(elf: Elf, tag: number): ElfDynamic {
  const entry = elf.dynamic.find((e) => e.tag === tag);
  if (entry === undefined) throw new Error(`Cannot find dynamic entry 0x${tag.toString(16)} in the executable`);
  return entry;
}

/** Text up to the next zero byte. */
export function readCString(bytes: Buffer, offset: number): string {
  return bytes.toString("latin1", offset, bytes.indexOf(0, offset));
}

/** A 64-bit field as a number; addresses and sizes of an executable stay far below 2^53. */
export function readU64(bytes: Buffer, offset: number): number {
  return Number(bytes.readBigUInt64LE(offset));
}

/** Writes a 64-bit field. */
export function writeU64(bytes: Buffer, offset: number, value: number): void {
  bytes.writeBigUInt64LE(BigInt(value), offset);
}

function readSegments(bytes: Buffer): ElfSegment[] {
  const table = readU64(bytes, 32);
  return Array.from({ length: bytes.readUInt16LE(56) }, (_, index) => {
    const headerOffset = table + index * 56;
    return {
      headerOffset,
      kind: bytes.readUInt32LE(headerOffset),
      flags: bytes.readUInt32LE(headerOffset + 4),
      offset: readU64(bytes, headerOffset + 8),
      address: readU64(bytes, headerOffset + 16),
      fileSize: readU64(bytes, headerOffset + 32),
      align: readU64(bytes, headerOffset + 48),
    };
  });
}

function readSections(bytes: Buffer): ElfSection[] {
  const table = readU64(bytes, 40);
  return Array.from({ length: bytes.readUInt16LE(60) }, (_, index) => {
    const header = table + index * ELF.sectionHeaderSize;
    return {
      name: bytes.readUInt32LE(header),
      kind: bytes.readUInt32LE(header + 4),
      flags: readU64(bytes, header + 8),
      offset: readU64(bytes, header + 24),
      sizeBytes: readU64(bytes, header + 32),
      link: bytes.readUInt32LE(header + 40),
    };
  });
}

function readDynamic(bytes: Buffer, segments: readonly ElfSegment[]): ElfDynamic[] {
  const segment = segments.find((s) => s.kind === ELF.segmentDynamic);
  if (segment === undefined) throw new Error("Cannot read the executable: it has no dynamic segment");
  const entries: ElfDynamic[] = [];
  for (let offset = segment.offset; offset < segment.offset + segment.fileSize; offset += 16) {
    const tag = readU64(bytes, offset);
    if (tag === 0) break;
    entries.push({ offset, tag, value: readU64(bytes, offset + 8) });
  }
  return entries;
}
