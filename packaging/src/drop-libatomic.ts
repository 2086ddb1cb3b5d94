import {
  dynamicEntry,
  dynamicValue,
  ELF,
  type Elf,
  type ElfSegment,
  fileOffset,
  neededLibraries,
  readCString,
  readElf,
  readU64,
  writeU64,
} from "./elf.ts";

const LIBRARY = "libatomic.so.1";
const SYMBOL = "__atomic_compare_exchange";

/**
 * An 8-byte compare-exchange with the calling convention of `__atomic_compare_exchange(size, ptr, expected, desired)`;
 * any other size traps. x64: cmp/jne, lock cmpxchg, sete. arm64: ldaxr/stlxr loop.
 */
const COMPARE_EXCHANGE: Readonly<Record<number, string>> = {
  [ELF.machineX64]: "4883ff087512488b02488b09f0480fb10e4889020f94c0c30f0b",
  [ELF.machineArm64]:
    "1f2000f1c1010054480040f9690040f92afc5fc85f0108eba100005429fc0bc88bffff35" +
    "20008052c0035fd65f3f03d54a0000f900008052c0035fd6004e21d4",
};

/**
 * Removes the need for libatomic from a Node executable for Linux, which stock Debian and Ubuntu images lack.
 *
 * The single import of that library becomes weak and unversioned, its PLT stub jumps to a compare-exchange of our own
 * in the padding behind the code, and the library's name leaves the table of needed libraries. Returns an equal copy
 * when the library is not needed. Order of steps: strip, then this, then inject.
 *
 * @throws {Error} when the file does not look exactly as expected; it is never patched by guess
 * @see https://github.com/nodejs/node/issues/60790 — goes away once Node links the function statically
 */
export function dropLibatomic(input: Buffer): Buffer {
  const elf = readElf(Buffer.from(input));
  if (!neededLibraries(elf).includes(LIBRARY)) return elf.bytes;
  const code = COMPARE_EXCHANGE[elf.machine];
  if (code === undefined) throw new Error(`Cannot patch machine type ${elf.machine}: only x64 and arm64 are known`);
  const imported = findImport(elf);
  redirectStub(elf, findStub(elf, imported.slot), Buffer.from(code, "hex"));
  const versionIndex = weakenSymbol(elf, imported.symbol);
  dropVersionNeed(elf, versionIndex);
  dropNeeded(elf);
  return elf.bytes;
}

interface ImportedSymbol {
  readonly symbol: number;
  readonly slot: number;
}

function findImport(elf: Elf): ImportedSymbol {
  const { bytes } = elf;
  const relocations = fileOffset(elf, dynamicValue(elf, ELF.tagPltRelocations));
  const symbols = fileOffset(elf, dynamicValue(elf, ELF.tagSymbolTable));
  const strings = stringTable(elf);
  const found: ImportedSymbol[] = [];
  for (let at = relocations; at < relocations + dynamicValue(elf, ELF.tagPltSize); at += 24) {
    const symbol = bytes.readUInt32LE(at + 12);
    const name = readCString(bytes, strings + bytes.readUInt32LE(symbols + 24 * symbol));
    if (name === SYMBOL) found.push({ symbol, slot: readU64(bytes, at) });
  }
  const [only] = found;
  if (only === undefined || found.length !== 1) {
    throw new Error(`Cannot patch ${LIBRARY}: expected one import of ${SYMBOL}, found ${found.length}`);
  }
  return only;
}

function findStub(elf: Elf, slot: number): number {
  const code = codeSegment(elf);
  const end = code.offset + Math.min(code.fileSize, 1 << 20);
  for (let at = code.offset; at < end; at += 4) {
    if (jumpTarget(elf, at, code.address + at - code.offset) === slot) return at;
  }
  throw new Error(`Cannot patch ${LIBRARY}: no PLT stub jumps to ${SYMBOL}`);
}

/** Address of the table slot that a PLT stub at this place would jump through; undefined for any other instruction. */
function jumpTarget(elf: Elf, at: number, address: number): number | undefined {
  const { bytes, machine } = elf;
  if (machine === ELF.machineX64) {
    return bytes.readUInt16BE(at) === 0xff25 ? address + 6 + bytes.readInt32LE(at + 2) : undefined;
  }
  const adrp = bytes.readUInt32LE(at);
  const load = bytes.readUInt32LE(at + 4);
  if ((adrp & 0x9f00001f) >>> 0 !== 0x90000010 || (load & 0xffc003ff) >>> 0 !== 0xf9400211) return undefined;
  const page = (((((adrp >>> 5) & 0x7ffff) << 2) | ((adrp >>> 29) & 3)) << 11) >> 11;
  return Math.floor(address / 4096) * 4096 + page * 4096 + ((load >>> 10) & 0xfff) * 8;
}

function redirectStub(elf: Elf, stub: number, code: Buffer): void {
  const { bytes } = elf;
  const segment = codeSegment(elf);
  const end = segment.offset + segment.fileSize;
  const cave = Math.ceil(end / 16) * 16;
  const next = elf.segments
    .filter((s) => s.kind === ELF.segmentLoad && s.offset > segment.offset)
    .reduce((least, s) => Math.min(least, s.offset), Number.POSITIVE_INFINITY);
  if (cave + code.length > next || bytes.subarray(end, cave + code.length).some((byte) => byte !== 0)) {
    throw new Error(`Cannot patch ${LIBRARY}: no free padding behind the code`);
  }
  code.copy(bytes, cave);
  writeU64(bytes, segment.headerOffset + 32, cave + code.length - segment.offset);
  writeU64(bytes, segment.headerOffset + 40, cave + code.length - segment.offset);
  if (elf.machine === ELF.machineX64) {
    bytes[stub] = 0xe9;
    bytes.writeInt32LE(cave - (stub + 5), stub + 1);
  } else {
    bytes.writeUInt32LE((0x14000000 | (((cave - stub) / 4) & 0x3ffffff)) >>> 0, stub);
  }
}

/** Makes the import weak and unversioned; returns the version index that it had. */
function weakenSymbol(elf: Elf, symbol: number): number {
  const { bytes } = elf;
  const info = fileOffset(elf, dynamicValue(elf, ELF.tagSymbolTable)) + 24 * symbol + 4;
  const version = fileOffset(elf, dynamicValue(elf, ELF.tagVersionSymbols)) + 2 * symbol;
  const versionIndex = bytes.readUInt16LE(version) & 0x7fff;
  bytes.writeUInt8((2 << 4) | (bytes.readUInt8(info) & 15), info);
  bytes.writeUInt16LE(1, version);
  return versionIndex;
}

function dropVersionNeed(elf: Elf, versionIndex: number): void {
  const { bytes } = elf;
  const first = dynamicEntry(elf, ELF.tagVersionNeeds);
  const count = dynamicEntry(elf, ELF.tagVersionNeedCount);
  let previous: number | undefined;
  let at = fileOffset(elf, first.value);
  for (let index = 0; index < count.value; index++) {
    const next = bytes.readUInt32LE(at + 12);
    if (readCString(bytes, stringTable(elf) + bytes.readUInt32LE(at + 4)) === LIBRARY) {
      const entry = at + bytes.readUInt32LE(at + 8);
      if (bytes.readUInt16LE(at + 2) !== 1 || bytes.readUInt16LE(entry + 6) !== versionIndex) break;
      if (previous === undefined) writeU64(bytes, first.offset + 8, first.value + next);
      else bytes.writeUInt32LE(next === 0 ? 0 : bytes.readUInt32LE(previous + 12) + next, previous + 12);
      writeU64(bytes, count.offset + 8, count.value - 1);
      return;
    }
    previous = at;
    at += next;
  }
  throw new Error(`Cannot patch ${LIBRARY}: unexpected version records`);
}

function dropNeeded(elf: Elf): void {
  const { bytes, dynamic } = elf;
  const strings = stringTable(elf);
  const gone = dynamic.find((e) => e.tag === ELF.tagNeeded && readCString(bytes, strings + e.value) === LIBRARY);
  const last = dynamic.at(-1);
  if (gone === undefined || last === undefined) throw new Error(`Cannot patch ${LIBRARY}: it left the table`);
  bytes.copy(bytes, gone.offset, gone.offset + 16, last.offset + 32);
}

function stringTable(elf: Elf): number {
  return fileOffset(elf, dynamicValue(elf, ELF.tagStringTable));
}

function codeSegment(elf: Elf): ElfSegment {
  const segment = elf.segments.find((s) => s.kind === ELF.segmentLoad && (s.flags & ELF.flagExecute) !== 0);
  if (segment === undefined) throw new Error(`Cannot patch ${LIBRARY}: no executable segment`);
  return segment;
}
