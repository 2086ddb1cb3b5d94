import type { BuiltFile } from "./bundle.ts";
import { ELF, neededLibraries, readElf } from "./elf.ts";

const BOOTSTRAP_LIMIT_BYTES = 8 * 1024;
const EXECUTABLE_LIMIT_BYTES = 135e6;
const PAGE_BYTES = 4096;
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:";

/** Problems of the files before they are packed: the size of the bootstrap, paths of the machine that built it. */
export function checkFiles(
  bootstrap: BuiltFile,
  files: readonly BuiltFile[],
  machinePaths: readonly string[],
): string[] {
  const tooBig =
    bootstrap.content.length > BOOTSTRAP_LIMIT_BYTES
      ? [`${bootstrap.path} has ${bootstrap.content.length} bytes, at most ${BOOTSTRAP_LIMIT_BYTES} are allowed`]
      : [];
  const leaks = [bootstrap, ...files].flatMap((file) =>
    machinePaths.filter((path) => file.content.includes(path)).map((path) => `${file.path} names the folder ${path}`),
  );
  return [...tooBig, ...leaks];
}

/**
 * Problems of a finished executable for Linux: size, needed libraries, alignment of segments, the single-executable fuse,
 * paths of the machine that built it.
 */
export function checkExecutable(bytes: Buffer, machinePaths: readonly string[]): string[] {
  const elf = readElf(bytes);
  const problems: string[] = [];
  if (bytes.length > EXECUTABLE_LIMIT_BYTES) problems.push(`the executable has ${bytes.length} bytes, above 135 MB`);
  if (neededLibraries(elf).includes("libatomic.so.1")) problems.push("the executable needs libatomic.so.1");
  for (const segment of elf.segments) {
    if (segment.kind !== ELF.segmentLoad) continue;
    if (segment.align < PAGE_BYTES || (segment.address - segment.offset) % segment.align !== 0) {
      problems.push(`the segment at 0x${segment.address.toString(16)} is not aligned to a page`);
    }
  }
  for (const path of machinePaths) if (bytes.includes(path)) problems.push(`the executable names the folder ${path}`);
  const state = countFuses(bytes);
  if (state.flipped !== 1 || state.untouched !== 0) {
    problems.push(`expected one flipped fuse, found ${state.flipped} flipped and ${state.untouched} untouched`);
  }
  return problems;
}

function countFuses(bytes: Buffer): { readonly flipped: number; readonly untouched: number } {
  let [flipped, untouched] = [0, 0];
  for (let at = bytes.indexOf(FUSE); at >= 0; at = bytes.indexOf(FUSE, at + 1)) {
    if (bytes[at + FUSE.length] === 0x31) flipped++;
    else untouched++;
  }
  return { flipped, untouched };
}
