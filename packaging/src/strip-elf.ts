import { ELF, type Elf, type ElfSection, readCString, readElf, writeU64 } from "./elf.ts";

/**
 * Drops what only a debugger reads (symbols, debug sections) from an executable, as `strip` does, without binutils:
 * a machine that builds stigmer needs Node and npm, nothing else.
 *
 * Everything that the loader maps stays at its place; kept section headers and a new name table follow it.
 *
 * @throws {Error} when a kept section refers to a dropped one
 */
export function stripElf(input: Buffer): Buffer {
  const elf = readElf(input);
  const mappedEnd = elf.segments
    .filter((s) => s.kind === ELF.segmentLoad)
    .reduce((end, s) => Math.max(end, s.offset + s.fileSize), 0);
  const kept = elf.sections.flatMap((section, index) => (index === 0 || isMapped(section) ? [index] : []));
  const names = collectNames(elf, kept);
  const namesAt = mappedEnd;
  const tableAt = Math.ceil((namesAt + names.table.length) / 8) * 8;
  const output = Buffer.alloc(tableAt + (kept.length + 1) * ELF.sectionHeaderSize);
  input.copy(output, 0, 0, mappedEnd);
  names.table.copy(output, namesAt);
  writeHeaders({ elf, kept, names, output, tableAt });
  writeNameTableHeader(output, tableAt + kept.length * ELF.sectionHeaderSize, { names, namesAt });
  writeU64(output, 40, tableAt);
  output.writeUInt16LE(kept.length + 1, 60);
  output.writeUInt16LE(kept.length, 62);
  return output;
}

interface SectionNames {
  readonly table: Buffer;
  readonly offsets: readonly number[];
  readonly own: number;
}

interface WriteHeadersParams {
  readonly elf: Elf;
  readonly kept: readonly number[];
  readonly names: SectionNames;
  readonly output: Buffer;
  readonly tableAt: number;
}

function isMapped(section: ElfSection): boolean {
  return (section.flags & ELF.flagAlloc) !== 0;
}

function collectNames(elf: Elf, kept: readonly number[]): SectionNames {
  const nameTable = elf.sections[elf.bytes.readUInt16LE(62)];
  if (nameTable === undefined) throw new Error("Cannot strip the executable: it has no section names");
  const offsets: number[] = [];
  let text = "";
  for (const index of kept) {
    offsets.push(text.length);
    text += `${readCString(elf.bytes, nameTable.offset + (elf.sections[index]?.name ?? 0))}\0`;
  }
  return { table: Buffer.from(`${text}.shstrtab\0`, "latin1"), offsets, own: text.length };
}

function writeHeaders({ elf, kept, names, output, tableAt }: WriteHeadersParams): void {
  const from = Number(elf.bytes.readBigUInt64LE(40));
  const renumbered = new Map(kept.map((old, index) => [old, index]));
  kept.forEach((old, index) => {
    const header = tableAt + index * ELF.sectionHeaderSize;
    const source = from + old * ELF.sectionHeaderSize;
    elf.bytes.copy(output, header, source, source + ELF.sectionHeaderSize);
    output.writeUInt32LE(names.offsets[index] ?? 0, header);
    const link = renumbered.get(elf.sections[old]?.link ?? 0);
    if (link === undefined) throw new Error(`Cannot strip the executable: section ${old} needs a dropped one`);
    output.writeUInt32LE(link, header + 40);
    renumberInfo(output, header, renumbered);
  });
}

/** A relocation section names the section that it patches in `sh_info`, by number. */
function renumberInfo(output: Buffer, header: number, renumbered: ReadonlyMap<number, number>): void {
  const infoIsSection = (Number(output.readBigUInt64LE(header + 8)) & 0x40) !== 0;
  if (!infoIsSection) return;
  const info = renumbered.get(output.readUInt32LE(header + 44));
  if (info === undefined) throw new Error("Cannot strip the executable: relocations for a dropped section");
  output.writeUInt32LE(info, header + 44);
}

function writeNameTableHeader(
  output: Buffer,
  header: number,
  place: { readonly names: SectionNames; readonly namesAt: number },
): void {
  output.writeUInt32LE(place.names.own, header);
  output.writeUInt32LE(ELF.sectionStringTable, header + 4);
  writeU64(output, header + 24, place.namesAt);
  writeU64(output, header + 32, place.names.table.length);
  writeU64(output, header + 48, 1);
}
