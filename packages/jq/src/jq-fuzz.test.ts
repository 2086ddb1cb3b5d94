import { describe, expect, test } from "vitest";
import { compileJq, JqLimitError, type Json, parseJsonText, parseJsonTexts, toJsonText } from "./index.ts";
import { FUZZ_INPUTS, makeRandom, ProgramWriter } from "./jq-fuzz.testsuite.ts";

/** Programs to compare, and where their sequence starts. */
const COUNT = Number(process.env.STIGMER_JQ_FUZZ ?? "5000");
const SEED = Number(process.env.STIGMER_JQ_FUZZ_SEED ?? "1");
/** Module with `loadJq()` of jq-wasm 2 or later. */
const ORACLE = process.env.STIGMER_JQ_ORACLE ?? "jq-wasm";
const BATCH = 10;

/** Where we differ from jq on purpose or where jq's answer is an accident, each with its reason. */
const KNOWN_DISAGREEMENTS: readonly {
  readonly reason: string;
  readonly matches: (difference: Difference) => boolean;
}[] = [
  {
    reason: "jq takes a break, and so first/limit/any/all, for an error that starts the next ?// alternative",
    matches: ({ program }) => program.includes("?//"),
  },
  {
    reason: "inside a path expression jq also refuses accesses within array constructions and arguments",
    matches: (difference) => /Invalid path expression/.test(Object.values(firstDifference(difference)).join()),
  },
  {
    reason: "jq follows destructuring and the sources of folds as parts of a path expression",
    matches: ({ program }) => /as [[{$]/.test(program) && /path|=|del|pick/.test(program),
  },
  {
    reason: "objects are JavaScript data, in which whole-number keys come first",
    matches: ({ program }) => /INDEX|tostring\] =/.test(program),
  },
  {
    reason: "both sides refuse an assignment, for another of its paths",
    matches: (difference) => {
      const first = firstDifference(difference);
      return difference.program.includes("= ") && [first.ours, first.theirs].every((line) => line.startsWith('["e"'));
    },
  },
  {
    reason: "times that the C library of jq-wasm cannot represent",
    matches: ({ program }) => /gmtime|todate|strftime/.test(program),
  },
  {
    reason: "jq knows a literal zero from a computed one when it negates",
    matches: ({ ours, theirs }) => ours === theirs.replaceAll(/-0(?![.\d])/g, "0"),
  },
  {
    reason: "constant object keys that are no strings are refused by jq when it compiles",
    matches: ({ program, theirs }) => theirs === REFUSED && /\{\([[{]/.test(program),
  },
  {
    reason: "an empty match in text beyond ASCII moves jq on by one byte",
    matches: ({ program }) => program.includes("^|$"),
  },
  {
    reason: "jq takes slices of one array for equal when they have the same length",
    matches: ({ program }) => /:[^"]*\]/.test(program) && /unique|group_by|==|!=|ind(ex|ices)|IN\(/.test(program),
  },
  {
    reason: "an empty match loses its captures in jq",
    matches: ({ program, ours }) => program.includes("match(") && ours.includes('"length":0'),
  },
];

interface Difference {
  readonly program: string;
  readonly ours: string;
  readonly theirs: string;
}

/** The first line in which two answers differ. */
function firstDifference({ ours, theirs }: Difference): { readonly ours: string; readonly theirs: string } {
  const left = ours.split("\n");
  const right = theirs.split("\n");
  const at = left.findIndex((line, index) => line !== right[index]);
  return { ours: left[at] ?? "", theirs: right[at] ?? "" };
}

const REFUSED = "does not compile";

interface Oracle {
  readonly raw: (
    input: string,
    program: string,
    flags: string[],
  ) => { readonly stdout: string; readonly exitCode: number };
  readonly version: string;
}

async function loadOracle(): Promise<Oracle | undefined> {
  const module: { readonly loadJq?: () => Promise<Oracle> } = await import(ORACLE);
  const oracle = await module.loadJq?.();
  return oracle?.version.startsWith("jq-1.8") === true ? oracle : undefined;
}

/** Outputs, then the error, then an end mark; at most sixty outputs. */
function wrap(program: string): string {
  return `((limit(60; try ((${program}) | ["o", .]) catch ["e", .])), ["end"])`;
}

const INPUT_TEXT = FUZZ_INPUTS.map((input) => toJsonText(input)).join("\n");
const LIMITS = { maxSteps: 300_000, maxOutputs: 5_000, maxStringLength: 200_000 };

/** One line per output for all inputs; undefined when a budget ended our run, for jq has none. */
function runOurs(program: string): string | undefined {
  const compiled = compileJq(wrap(program));
  if (!compiled.ok) return REFUSED;
  const lines: string[] = [];
  for (const input of FUZZ_INPUTS) {
    try {
      for (const output of compiled.filter.run(input, { limits: LIMITS })) lines.push(normal(output));
    } catch (error) {
      if (error instanceof JqLimitError) return undefined;
      throw error;
    }
  }
  return lines.join("\n");
}

function normal(value: Json): string {
  return toJsonText(value, { sortKeys: true });
}

/** Answers for several programs from one call, because most of jq's time goes into its start. */
function runTheirs(oracle: Oracle, programs: readonly string[]): string[] | undefined {
  const result = oracle.raw(INPUT_TEXT, programs.map(wrap).join(", "), ["-c"]);
  if (result.exitCode !== 0) return undefined;
  const answers: string[][] = programs.map(() => []);
  let block = 0;
  for (const output of parseJsonTexts(result.stdout)) {
    const line = normal(output);
    answers[block % programs.length]?.push(line);
    if (line === '["end"]') block++;
  }
  return block === programs.length * FUZZ_INPUTS.length ? answers.map((lines) => lines.join("\n")) : undefined;
}

function runTheirsOne(oracle: Oracle, program: string): string {
  return runTheirs(oracle, [program])?.[0] ?? REFUSED;
}

function compareBatch(
  oracle: Oracle,
  programs: readonly string[],
): { readonly compared: number; readonly found: Difference[] } {
  const ours = programs.map((program) => ({ program, answer: runOurs(program) }));
  const wanted = ours.filter(({ answer }) => answer !== undefined && answer !== REFUSED);
  const batch = runTheirs(
    oracle,
    wanted.map(({ program }) => program),
  );
  const found: Difference[] = [];
  for (const [index, { program, answer = "" }] of wanted.entries()) {
    const theirs = batch?.[index] ?? runTheirsOne(oracle, program);
    if (theirs !== answer) found.push({ program, ours: answer, theirs });
  }
  return { compared: wanted.length, found };
}

function describeDifference(difference: Difference): string {
  const first = firstDifference(difference);
  return `${difference.program}\n  ours   ${first.ours.slice(0, 200)}\n  theirs ${first.theirs.slice(0, 200)}`;
}

const oracle = await loadOracle();

describe.runIf(oracle !== undefined)("random programs", () => {
  test(
    `agree with jq 1.8 (${COUNT} programs, seed ${SEED})`,
    () => {
      if (oracle === undefined) throw new Error("The oracle is gone");
      const writer = new ProgramWriter(makeRandom(SEED));
      let compared = 0;
      const unlisted: Difference[] = [];
      let listed = 0;
      for (let made = 0; made < COUNT; made += BATCH) {
        const programs = Array.from({ length: Math.min(BATCH, COUNT - made) }, () => writer.write());
        const result = compareBatch(oracle, programs);
        compared += result.compared;
        for (const difference of result.found) {
          if (KNOWN_DISAGREEMENTS.some(({ matches }) => matches(difference))) listed++;
          else unlisted.push(difference);
        }
      }
      process.stdout.write(
        `jq fuzzing: ${compared} of ${COUNT} programs compared with ${oracle.version}, seed ${SEED}: ${unlisted.length} unlisted and ${listed} listed disagreements\n`,
      );
      expect(unlisted.map(describeDifference)).toEqual([]);
      expect(listed / COUNT).toBeLessThan(0.02);
    },
    Math.max(120_000, COUNT * 20),
  );
});

describe.runIf(oracle === undefined)("random programs", () => {
  test("have no oracle here", () => {
    process.stdout.write(`jq fuzzing: skipped, ${ORACLE} is not jq 1.8\n`);
    expect(oracle).toBeUndefined();
  });
});

describe("the generator", () => {
  test("repeats itself by seed and writes programs that compile", () => {
    const write = (): string[] => {
      const writer = new ProgramWriter(makeRandom(7));
      return Array.from({ length: 300 }, () => writer.write());
    };
    expect(write()).toEqual(write());
    expect(write().filter((program) => !compileJq(program).ok)).toEqual([]);
    expect(parseJsonText("[1]")).toEqual([1]);
  });
});
