import { JqLimitError } from "./errors.ts";
import type { Anchor } from "./regex-node.ts";
import type { CompiledRegex, Instruction, PointTest, Program } from "./regex-program.ts";
import { equalFolded, isWord } from "./regex-set.ts";

/** What a match must look like. */
export interface MatchRules {
  /** Empty matches do not count. */
  readonly notEmpty: boolean;
  /** Among matches at the first place the longest one counts. */
  readonly longest: boolean;
}

/** Entries of the stack of choices are triples; this mark says that a slot gets its old value back. */
const RESTORE = -1;
const LOOP = -2;

/**
 * Backtracking matcher with a budget of steps over the code points of one text.
 *
 * The stack of choices is kept by hand, so that neither long texts nor nested repeats reach the host's stack.
 */
export class Matcher {
  readonly #regex: CompiledRegex;
  readonly #points: readonly number[];
  readonly #rules: MatchRules;
  readonly #stack: number[] = [];
  /** Loops whose choices are on the stack, by the index that their entries carry. */
  readonly #loops: LoopChoice[] = [];
  #slots: number[];
  #searchStart = 0;
  #matchStart = 0;
  #stepsLeft: number;
  #longestEnd = -1;
  #longestSlots: number[] = [];

  constructor(regex: CompiledRegex, points: readonly number[], rules: MatchRules, maxSteps: number) {
    this.#regex = regex;
    this.#points = points;
    this.#rules = rules;
    this.#stepsLeft = maxSteps;
    this.#slots = new Array<number>(regex.slots).fill(-1);
  }

  get stepsLeft(): number {
    return this.#stepsLeft;
  }

  /** Slots of the first match at or after a place: start and end of the match and of each group, -1 for none. */
  search(from: number): readonly number[] | undefined {
    this.#searchStart = from;
    const { anchored, firstPoint, keepSlot } = this.#regex;
    for (let start = from; start <= this.#points.length; start++) {
      this.#spend(1);
      if (anchored && start > 0) return undefined;
      if (firstPoint !== undefined && this.#points[start] !== firstPoint) continue;
      const end = this.#matchAt(start);
      if (end < 0) continue;
      const kept = this.#slots[keepSlot] ?? -1;
      this.#slots[0] = kept >= 0 ? kept : start;
      this.#slots[1] = end;
      return this.#slots.slice(0, keepSlot);
    }
    return undefined;
  }

  #matchAt(start: number): number {
    this.#slots.fill(-1);
    this.#stack.length = 0;
    this.#loops.length = 0;
    this.#matchStart = start;
    this.#longestEnd = -1;
    const end = this.#run(this.#regex.program, start, "whole");
    if (end >= 0 || this.#longestEnd < 0) return end;
    this.#slots = this.#longestSlots;
    return this.#longestEnd;
  }

  #spend(steps: number): void {
    this.#stepsLeft -= steps;
    if (this.#stepsLeft < 0) throw new JqLimitError("steps", "The regular expression used up its budget of steps");
  }

  /** Runs a program from a place; the end of the match or -1. Choices below the current stack are not touched. */
  #run(program: Program, from: number, part: "whole" | "inner"): number {
    const base = this.#stack.length;
    let pc = 0;
    let at = from;
    for (;;) {
      this.#spend(1);
      const next = this.#step(program[pc]!, pc, at);
      if (next === MATCHED) {
        if (part === "inner" || this.#accepts(at)) return at;
      } else if (next >= 0) {
        pc = next;
        at = this.#at;
        continue;
      }
      const resumed = this.#backtrack(base);
      if (resumed < 0) return -1;
      pc = resumed;
      at = this.#at;
    }
  }

  /** Place after the instruction that ran last. */
  #at = 0;

  #accepts(end: number): boolean {
    if (this.#rules.notEmpty && end === this.#matchStart) return false;
    if (!this.#rules.longest) return true;
    if (end > this.#longestEnd) {
      this.#longestEnd = end;
      this.#longestSlots = this.#slots.slice();
    }
    return false;
  }

  /** Runs one instruction; answers the next one, MATCHED or FAILED, and sets the place after it. */
  #step(instruction: Instruction, pc: number, at: number): number {
    this.#at = at;
    switch (instruction.op) {
      case "char":
        this.#at = at + 1;
        return this.#points[at] === instruction.point ? pc + 1 : FAILED;
      case "test":
        this.#at = at + 1;
        return at < this.#points.length && instruction.test(this.#points[at]!) ? pc + 1 : FAILED;
      case "loop":
        return this.#loop(instruction, pc, at);
      case "split":
        this.#stack.push(instruction.second, at, 0);
        return instruction.first;
      case "jump":
        return instruction.to;
      case "save":
        this.#save(instruction.slot, at);
        return pc + 1;
      case "progress":
        return this.#slots[instruction.slot] === at ? instruction.exit : pc + 1;
      case "anchor":
        return this.#holds(instruction.anchor, at) ? pc + 1 : FAILED;
      case "look":
        return this.#look(instruction, at) !== instruction.negated ? pc + 1 : FAILED;
      case "atomic": {
        const end = this.#runInner(instruction.program, at);
        this.#at = end;
        return end >= 0 ? pc + 1 : FAILED;
      }
      case "reference":
        return this.#refer(instruction.groups, instruction.ignoreCase, at) ? pc + 1 : FAILED;
      case "match":
        return MATCHED;
    }
  }

  #save(slot: number, value: number): void {
    this.#stack.push(RESTORE, slot, this.#slots[slot] ?? -1);
    this.#slots[slot] = value;
  }

  #loop(loop: Extract<Instruction, { readonly op: "loop" }>, pc: number, at: number): number {
    const limit = Math.min(this.#points.length, at + loop.max);
    const wanted = loop.mode === "lazy" ? Math.min(limit, at + loop.min) : limit;
    const end = this.#consume(loop.test, at, wanted);
    if (end - at < loop.min) return FAILED;
    this.#at = end;
    if (loop.mode === "greedy" && end > at + loop.min) {
      this.#stack.push(LOOP, this.#loops.length, 0);
      this.#loops.push({ pc: pc + 1, at: end - 1, last: at + loop.min, step: -1, test: loop.test });
    } else if (loop.mode === "lazy" && end < limit) {
      this.#stack.push(LOOP, this.#loops.length, 0);
      this.#loops.push({ pc: pc + 1, at: end, last: limit, step: 1, test: loop.test });
    }
    return pc + 1;
  }

  #consume(test: PointTest, from: number, to: number): number {
    let at = from;
    while (at < to && test(this.#points[at]!)) at++;
    this.#spend((at - from) >> 1);
    return at;
  }

  /** Undoes to the last choice above a level and takes its other side; -1 when there is none. */
  #backtrack(base: number): number {
    const stack = this.#stack;
    while (stack.length > base) {
      const old = stack.pop()!;
      const where = stack.pop()!;
      const kind = stack.pop()!;
      if (kind === RESTORE) this.#slots[where] = old;
      else if (kind === LOOP) {
        const pc = this.#resumeLoop(where);
        if (pc >= 0) return pc;
      } else {
        this.#at = where;
        return kind;
      }
    }
    return -1;
  }

  #resumeLoop(index: number): number {
    const choice = this.#loops[index];
    this.#loops.length = index;
    if (choice === undefined) return -1;
    if (choice.step > 0 && !choice.test(this.#points[choice.at]!)) return -1;
    const at = choice.step > 0 ? choice.at + 1 : choice.at;
    const more = choice.step > 0 ? at < choice.last : at > choice.last;
    if (more) {
      this.#stack.push(LOOP, index, 0);
      this.#loops.push({ ...choice, at: choice.step > 0 ? at : at - 1 });
    }
    this.#at = at;
    return choice.pc;
  }

  /** Runs a part that is decided once: its choices are dropped, what it captured can still be undone. */
  #runInner(program: Program, at: number): number {
    const base = this.#stack.length;
    const loops = this.#loops.length;
    const before = this.#slots.slice();
    const end = this.#run(program, at, "inner");
    this.#stack.length = base;
    this.#loops.length = loops;
    if (end < 0) return -1;
    for (const [slot, old] of before.entries()) {
      if (this.#slots[slot] !== old) this.#stack.push(RESTORE, slot, old);
    }
    return end;
  }

  #look(look: Extract<Instruction, { readonly op: "look" }>, at: number): boolean {
    const base = this.#stack.length;
    const found =
      look.widths === undefined
        ? this.#runInner(look.program, at) >= 0
        : this.#lookBehind(look.program, look.widths, at);
    if (found && look.negated) {
      while (this.#stack.length > base) {
        const old = this.#stack.pop()!;
        const slot = this.#stack.pop()!;
        this.#stack.pop();
        this.#slots[slot] = old;
      }
    }
    this.#at = at;
    return found;
  }

  #lookBehind(program: Program, widths: readonly number[], at: number): boolean {
    for (const width of widths) {
      if (width <= at && this.#runInner(program, at - width) === at) return true;
    }
    return false;
  }

  #holds(anchor: Anchor, at: number): boolean {
    const end = this.#points.length;
    switch (anchor) {
      case "buffer-start":
        return at === 0;
      case "buffer-end":
        return at === end;
      case "near-end":
        return at === end || (at === end - 1 && this.#points[at] === 10);
      case "line-start":
        return at === 0 || (this.#points[at - 1] === 10 && at < end);
      case "line-end":
        return at === end || this.#points[at] === 10;
      case "search-start":
        return at === this.#searchStart;
      case "word":
        return this.#wordAt(at - 1) !== this.#wordAt(at);
      case "not-word":
        return this.#wordAt(at - 1) === this.#wordAt(at);
    }
  }

  #wordAt(at: number): boolean {
    const point = this.#points[at];
    return point !== undefined && isWord(point);
  }

  #refer(groups: readonly number[], ignoreCase: boolean, at: number): boolean {
    for (const group of groups.toReversed()) {
      const from = this.#slots[group * 2] ?? -1;
      const to = this.#slots[group * 2 + 1] ?? -1;
      if (from < 0 || to < from) continue;
      this.#spend(to - from);
      for (let i = from; i < to; i++) {
        const point = this.#points[at + i - from];
        const wanted = this.#points[i]!;
        if (point === undefined || (point !== wanted && !(ignoreCase && equalFolded(point, wanted)))) return false;
      }
      this.#at = at + to - from;
      return true;
    }
    return false;
  }
}

const MATCHED = -1;
const FAILED = -2;

/** Places that a repeated single character still has to try. */
interface LoopChoice {
  readonly pc: number;
  readonly at: number;
  readonly last: number;
  readonly step: 1 | -1;
  readonly test: PointTest;
}
