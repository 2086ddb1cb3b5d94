import { Raise } from "./errors.ts";
import { type Anchor, type ParsedRegex, type RegexNode, widthOf } from "./regex-node.ts";
import { type CharSet, equalFolded, setContains } from "./regex-set.ts";

/** Tests one code point. */
export type PointTest = (point: number) => boolean;

/** One instruction of the matcher; targets are indexes into the program. */
export type Instruction =
  | { readonly op: "test"; readonly test: PointTest }
  | { readonly op: "char"; readonly point: number }
  | {
      readonly op: "loop";
      readonly test: PointTest;
      readonly min: number;
      readonly max: number;
      readonly mode: "greedy" | "lazy" | "possessive";
    }
  | { op: "split"; first: number; second: number }
  | { op: "jump"; to: number }
  | { readonly op: "save"; readonly slot: number }
  | { op: "progress"; readonly slot: number; exit: number }
  | { readonly op: "anchor"; readonly anchor: Anchor }
  | {
      readonly op: "look";
      readonly program: Program;
      readonly negated: boolean;
      readonly widths: readonly number[] | undefined;
    }
  | { readonly op: "atomic"; readonly program: Program }
  | { readonly op: "reference"; readonly groups: readonly number[]; readonly ignoreCase: boolean }
  | { readonly op: "match" };

/** Instructions in order; the first one is the start. */
export type Program = readonly Instruction[];

/** A program with what the search needs to know about it. */
export interface CompiledRegex {
  readonly program: Program;
  readonly names: readonly (string | undefined)[];
  /** Slots for group ends, the kept start and loop marks. */
  readonly slots: number;
  /** Slot of the start that `\K` sets. */
  readonly keepSlot: number;
  /** True when only the start of the text can match. */
  readonly anchored: boolean;
  /** Code point that every match starts with, when there is one. */
  readonly firstPoint: number | undefined;
}

const MAX_INSTRUCTIONS = 50_000;
const MAX_LOOK_BEHIND = 255;

/** Translates a parsed pattern. */
export function compileProgram({ root, names }: ParsedRegex): CompiledRegex {
  const keepSlot = (names.length + 1) * 2;
  const compiler = new ProgramCompiler(keepSlot + 1);
  const program = compiler.compile(root);
  return {
    program,
    names,
    slots: compiler.nextSlot,
    keepSlot,
    anchored: program[0]?.op === "anchor" && program[0].anchor === "buffer-start",
    firstPoint: program[0]?.op === "char" ? program[0].point : undefined,
  };
}

class ProgramCompiler {
  nextSlot: number;
  readonly #keepSlot: number;
  #size = 0;

  constructor(firstFreeSlot: number) {
    this.nextSlot = firstFreeSlot;
    this.#keepSlot = firstFreeSlot - 1;
  }

  compile(root: RegexNode): Program {
    const out: Instruction[] = [];
    this.#emit(root, out);
    out.push({ op: "match" });
    return out;
  }

  #add(out: Instruction[], instruction: Instruction): void {
    if (++this.#size > MAX_INSTRUCTIONS) throw new Raise("Regex failure: too large");
    out.push(instruction);
  }

  #emit(node: RegexNode, out: Instruction[]): void {
    switch (node.kind) {
      case "char":
        if (!node.ignoreCase) return this.#add(out, { op: "char", point: node.point });
        return this.#add(out, { op: "test", test: testOf(node) ?? (() => false) });
      case "any":
      case "set":
        return this.#add(out, { op: "test", test: testOf(node) ?? (() => false) });
      case "sequence":
        for (const item of node.items) this.#emit(item, out);
        return;
      case "choice":
        return this.#emitChoice(node.items, out);
      case "group":
        this.#add(out, { op: "save", slot: node.index * 2 });
        this.#emit(node.body, out);
        return this.#add(out, { op: "save", slot: node.index * 2 + 1 });
      case "repeat":
        return this.#emitRepeat(node, out);
      case "anchor":
        return this.#add(out, { op: "anchor", anchor: node.anchor });
      case "look":
        return this.#emitLook(node, out);
      case "atomic":
        return this.#add(out, { op: "atomic", program: this.compile(node.body) });
      case "reference":
        return this.#add(out, { op: "reference", groups: node.groups, ignoreCase: node.ignoreCase });
      case "keep":
        return this.#add(out, { op: "save", slot: this.#keepSlot });
    }
  }

  #emitChoice(items: readonly RegexNode[], out: Instruction[]): void {
    const jumps: { op: "jump"; to: number }[] = [];
    for (const [index, item] of items.entries()) {
      if (index === items.length - 1) {
        this.#emit(item, out);
        break;
      }
      const split = { op: "split" as const, first: out.length + 1, second: 0 };
      this.#add(out, split);
      this.#emit(item, out);
      const jump = { op: "jump" as const, to: 0 };
      jumps.push(jump);
      this.#add(out, jump);
      split.second = out.length;
    }
    for (const jump of jumps) jump.to = out.length;
  }

  #emitRepeat(node: Extract<RegexNode, { readonly kind: "repeat" }>, out: Instruction[]): void {
    const { body, min, max, mode } = node;
    const test = testOf(body);
    if (test !== undefined) return this.#add(out, { op: "loop", test, min, max, mode });
    if (mode === "possessive") {
      return this.#add(out, { op: "atomic", program: this.compile({ ...node, mode: "greedy" }) });
    }
    for (let i = 0; i < min; i++) this.#emit(body, out);
    if (max === Number.POSITIVE_INFINITY) return this.#emitEndless(body, mode, out);
    const exits: { op: "split"; first: number; second: number }[] = [];
    for (let i = min; i < max; i++) {
      const split = { op: "split" as const, first: out.length + 1, second: 0 };
      exits.push(split);
      this.#add(out, split);
      this.#emit(body, out);
    }
    for (const split of exits) {
      split.second = out.length;
      if (mode === "lazy") [split.first, split.second] = [split.second, split.first];
    }
  }

  /** A loop that ends when an iteration matched nothing. */
  #emitEndless(body: RegexNode, mode: "greedy" | "lazy", out: Instruction[]): void {
    const start = out.length;
    const split = { op: "split" as const, first: start + 1, second: 0 };
    this.#add(out, split);
    const progress = { op: "progress" as const, slot: this.nextSlot, exit: 0 };
    const mayBeEmpty = widthOf(body).min === 0;
    if (mayBeEmpty) this.#add(out, { op: "save", slot: this.nextSlot++ });
    this.#emit(body, out);
    if (mayBeEmpty) this.#add(out, progress);
    this.#add(out, { op: "jump", to: start });
    split.second = out.length;
    progress.exit = out.length;
    if (mode === "lazy") [split.first, split.second] = [split.second, split.first];
  }

  #emitLook({ body, behind, negated }: Extract<RegexNode, { readonly kind: "look" }>, out: Instruction[]): void {
    const program = this.compile(body);
    if (!behind) return this.#add(out, { op: "look", program, negated, widths: undefined });
    const { min, max } = widthOf(body);
    if (max > MAX_LOOK_BEHIND) throw new Raise("Regex failure: invalid pattern in look-behind");
    const widths = Array.from({ length: max - min + 1 }, (_, index) => min + index);
    this.#add(out, { op: "look", program, negated, widths });
  }
}

/** The test of a node that matches exactly one code point. */
function testOf(node: RegexNode): PointTest | undefined {
  switch (node.kind) {
    case "char": {
      const { point } = node;
      return node.ignoreCase ? (other) => equalFolded(point, other) : (other) => other === point;
    }
    case "any":
      return node.newlines ? () => true : (point) => point !== 10;
    case "set":
      return testSet(node.set);
    case "sequence":
      return node.items.length === 1 && node.items[0] !== undefined ? testOf(node.items[0]) : undefined;
    default:
      return undefined;
  }
}

/** A set with its answers for ASCII worked out. */
function testSet(set: CharSet): PointTest {
  const ascii = Array.from({ length: 128 }, (_, point) => setContains(set, point));
  return (point) => (point < 128 ? ascii[point] === true : setContains(set, point));
}
