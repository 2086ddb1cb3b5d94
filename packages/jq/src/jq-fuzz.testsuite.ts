import type { Json } from "./index.ts";

/** A small generator of pseudo-random numbers (mulberry32), so that a seed repeats a whole run. */
export function makeRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What a generated expression is meant to give; programs still go wrong often enough to compare errors. */
type Want = "number" | "string" | "array" | "object" | "boolean" | "any" | "path" | "stream";

/** Documents that every generated program runs on. */
export const FUZZ_INPUTS: readonly Json[] = [
  { a: 1, b: [1, 2, 3], c: { d: "x", e: null }, s: "Hello, World", t: true, n: -2.5 },
  [3, 1, 2, null, "b", "a", [1], { a: 1 }, true, false],
  [{ a: 3, b: "x" }, { a: 1, b: "y" }, { a: 3, b: "z" }, { b: "w" }],
  "foo bar föö 日本 😀",
  null,
  5,
];

/** Writes random programs. */
export class ProgramWriter {
  readonly #random: () => number;
  #variables: string[] = [];

  constructor(random: () => number) {
    this.#random = random;
  }

  write(): string {
    this.#variables = [];
    return this.#pick(["stream", "any", "path", "object", "array", "any", "stream"] as const, (want) =>
      this.#want(want, 3),
    );
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #pick<T, R>(items: readonly T[], use: (item: T) => R): R {
    return use(items[this.#below(items.length)]!);
  }

  #one(items: readonly string[]): string {
    return items[this.#below(items.length)]!;
  }

  /** Fills `N S A O B X P` slots of a template with expressions: number, string, array, object, boolean, any, path. */
  #fill(template: string, depth: number): string {
    const wants: Readonly<Record<string, Want>> = {
      "<N>": "number",
      "<S>": "string",
      "<A>": "array",
      "<O>": "object",
      "<B>": "boolean",
      "<X>": "any",
      "<P>": "path",
      "<G>": "stream",
    };
    return template.replaceAll(/<[NSAOBXPG]>/g, (slot) => this.#want(wants[slot] ?? "any", depth - 1));
  }

  #want(want: Want, depth: number): string {
    if (depth <= 0) return this.#leaf(want);
    if (this.#random() < 0.06) return this.#bind(want, depth);
    if (this.#random() < 0.05) return this.#leaf("any");
    const template = this.#one(TEMPLATES[want]);
    return `(${this.#fill(template, depth)})`;
  }

  #bind(want: Want, depth: number): string {
    const name = this.#one(["x", "y", "z"]);
    const source = this.#want("any", depth - 1);
    this.#variables.push(name);
    const body = this.#want(want, depth - 1);
    this.#variables.pop();
    return this.#one([
      `(${source} as $${name} | ${body})`,
      `(${source} as [$${name}] | ${body})`,
      `(${source} as {a: $${name}} | ${body})`,
      `(${source} as [$${name}] ?// {a: $${name}} ?// $${name} | ${body})`,
    ]);
  }

  #leaf(want: Want): string {
    if (this.#variables.length > 0 && this.#random() < 0.3) return `$${this.#one(this.#variables)}`;
    return this.#one(LEAVES[want]);
  }
}

const LEAVES: Readonly<Record<Want, readonly string[]>> = {
  number: ["0", "1", "2", "-1", "3.5", ".a", ".n", "length", "10", ".b[1]", "0.1"],
  string: ['"x"', '"a,b"', ".s", ".c.d", '"Hello"', '"日本"', '""', '"a1 b22"', "tostring", '"😀é"'],
  array: ["[]", ".b", "[1,2,3]", ".", '["a","b"]', "[[1,2],[3]]", "[null,1,true]", "keys", "[.[]?]"],
  object: ["{}", "{a:1}", ".c", ".", '{"k":[1]}', "{a:1,b:2}", "{a:{b:1}}"],
  boolean: ["true", "false", ".t", ". == 1", "not", "null"],
  any: [
    ".",
    "null",
    "1",
    '"x"',
    "[1]",
    "{a:1}",
    "true",
    ".a",
    ".b",
    ".[0]",
    ".[]?",
    "empty",
    "error",
    ".a?",
    "..",
    "type",
  ],
  path: [
    ".",
    ".a",
    ".b",
    ".b[0]",
    ".c.d",
    ".[]?",
    ".[0]?",
    "..",
    ".b[1:]",
    ".[-1]?",
    ".c",
    ".z.y",
    "empty",
    "first(.[]?)",
  ],
  stream: [".[]?", "(1,2)", "range(3)", "empty", "..", ".b[]?", "(null,false,1)", '("a","b")', "paths"],
};

const TEMPLATES: Readonly<Record<Want, readonly string[]>> = {
  number: [
    ...[
      "<N> + <N>",
      "<N> - <N>",
      "<N> * <N>",
      "<N> / <N>",
      "<N> % <N>",
      "-<N>",
      "<X> | length",
      "<N> | floor",
      "<N> | abs | sqrt",
    ],
    ...[
      "<N> | abs",
      "<A> | add",
      "<A> | index(<X>)",
      "<S> | index(<S>)",
      "<S> | tonumber",
      "<A> | min",
      "<A> | max",
      "<N> | round",
    ],
    ...[
      "reduce <G> as $x (0; . + ($x | length))",
      "<S> | utf8bytelength",
      "<N> | ceil",
      "<N> | trunc",
      "<N> | significand",
    ],
    ...["<N> | logb", "<N> | frexp | .[1]", "[<N>, <N>] | max", "<A> | bsearch(<X>)", "<S> | rindex(<S>)"],
  ],
  string: [
    ...[
      "<S> + <S>",
      "<S> * <N>",
      '"a\\(<X>)b"',
      "<S> | ascii_upcase",
      "<S> | ascii_downcase",
      "<X> | tostring",
      "<X> | tojson",
    ],
    ...[
      "<S> | .[<N>:]",
      "<S> | .[:<N>]",
      "<S> | ltrimstr(<S>)",
      "<S> | rtrimstr(<S>)",
      "<S> | trim",
      "<A> | join(<S>)",
      "<X> | type",
    ],
    ...[
      "<X> | @text",
      "<X> | @json",
      "<S> | @base64",
      "<S> | @base64d",
      "<S> | @uri",
      "<X> | @html",
      "<A> | @csv",
      "<A> | @tsv",
    ],
    ...[
      "<X> | @sh",
      '<S> | sub("[a-z]+"; <S>)',
      '<S> | gsub("[aeiou]"; "<" + . + ">")?',
      '<S> | gsub("(?<c>[A-Z])"; "\\(.c)!")',
    ],
    ...[
      '<S> | gsub("\\\\s"; "_")',
      "<S> | explode | implode",
      "<A> | implode",
      '<S> | gsub("^|$"; "|")',
      '@json "v=\\(<X>)"',
    ],
    ...[
      '@sh "v \\(<X>)"',
      "<S> | ltrimstr(<X>)",
      "<S> | trimstr(<S>)",
      '<S> | [match("o+"; "g").offset] | tostring',
      "<S> | @urid",
    ],
    ...['<N> | strftime("%Y-%m-%dT%H:%M:%SZ")', "<N> | todate", "<S> | reverse"],
  ],
  array: [
    ...[
      "[<G>]",
      "<A> + <A>",
      "<A> - <A>",
      "<A> | map(<X>)",
      "<A> | sort",
      "<A> | unique",
      "<A> | reverse",
      "<A> | sort_by(<X>)",
    ],
    ...[
      "<A> | group_by(<X>)",
      "<A> | unique_by(<X>)",
      "<A> | flatten",
      "<A> | flatten(<N>)",
      "<X> | keys",
      "<O> | to_entries",
    ],
    ...[
      "<S> / <S>",
      "<S> | split(<S>)",
      '<S> | split("[ ,]+"; null)',
      "<S> | explode",
      "<A> | .[<N>:<N>]",
      "[limit(<N>; <G>)]",
    ],
    ...[
      "[<G> | select(<B>)]",
      "<A> | transpose",
      "[paths]",
      "[paths(<B>)]",
      "<A> | indices(<X>)",
      "<S> | indices(<S>)",
      "[path(<P>)]",
    ],
    ...[
      "[<X> | tostream]",
      "fromstream(<X> | tostream)",
      '<S> | [scan("[a-z]")]',
      '<S> | [match("(?<l>[a-z])(\\\\d)?"; "g")]',
      "[range(<N>)]",
    ],
    ...[
      "[range(<N>; <N>)]",
      "[.[]? as [$p, $q] | {p: $p, q: $q}]",
      "<A> | [combinations]?",
      "[first(<G>), last(<G>)]",
      '[splits(", *")?]',
    ],
    ...[
      "[skip(<N>; <G>)]",
      "[nth(<N>; <G>)]",
      "<X> | [getpath(<A>)?]",
      "[foreach <G> as $x (0; . + 1; [., $x])]",
      "<A> | del(<P>)",
    ],
    ...[
      "[.[]? | try <X> catch .]",
      "[limit(3; repeat(<X>))]",
      "[label $f | <G> | if <B> then ., break $f else . end]",
      "<N> | gmtime",
    ],
    ...[
      "[<G> as $x | <X>]",
      "<A> | walk(<X>)",
      "[while(<B>; <X>) | .] | .[:3]",
      "<X> | [recurse(<P>; <B>)] | .[:5]",
      "<O> | [.[]]",
    ],
    ...["<A> | pick(<P>)", "[<G> | numbers]", "[<G> | strings, arrays]", "<A> | [limit(4; combinations(2))]"],
  ],
  object: [
    ...[
      "{a: <X>}",
      "{a: <X>, b: <X>}",
      "{(<S>): <X>}",
      '{"x\\(<N>)": <X>}',
      "<O> + <O>",
      "<O> * <O>",
      "<O> | del(<P>)",
      "<O> | map_values(<X>)",
    ],
    ...[
      "<O> | with_entries(<X>)",
      "<A> | from_entries",
      "<O> | to_entries | from_entries",
      "<P> = <X>",
      "<P> |= <X>",
      "<P> += <N>",
    ],
    ...[
      "<P> //= <X>",
      "<O> | setpath(<A>; <X>)",
      "<O> | delpaths([<A>])",
      "<O> | walk(<X>)",
      "reduce <G> as $x ({}; .[$x | tostring] = 1)",
    ],
    ...[
      "<O> | pick(<P>)",
      "INDEX(<G>; tostring)",
      "{a, b: <X>}",
      "<O> | to_entries",
      '<S> | capture("(?<l>[a-z]+)")',
      "{$__loc__}",
      "<P> *= <N>",
    ],
    ...[
      "<O> | with_entries(.value |= <X>)",
      "<O> | . as {a: $q} | {$q}",
      "<O> | tojson | fromjson",
      "<P> -= <N>",
      "<P> |= empty",
    ],
  ],
  boolean: [
    ...[
      "<X> == <X>",
      "<X> != <X>",
      "<X> < <X>",
      "<N> <= <N>",
      "<X> > <X>",
      "<B> and <B>",
      "<B> or <B>",
      "<B> | not",
      "<O> | has(<S>)",
    ],
    ...[
      "<A> | has(<N>)",
      "<S> | startswith(<S>)",
      "<S> | endswith(<S>)",
      "<S> | contains(<S>)",
      "<A> | contains(<A>)",
      "<O> | contains(<O>)",
    ],
    ...[
      "any(<G>; <B>)",
      "all(<G>; <B>)",
      "<A> | any",
      "<A> | all",
      "isempty(<G>)",
      '<S> | test("[aeiou]")',
      '<S> | test("^h"; "i")',
    ],
    ...[
      "<X> | IN(<G>)",
      "<X> | inside(<X>)",
      "<N> | isnan",
      "<N> | isinfinite",
      "<N> | isnormal",
      "<S> | in(<O>)",
      "<X> | toboolean",
    ],
  ],
  any: [
    ...[
      "<X> | <X>",
      "if <B> then <X> else <X> end",
      "if <B> then <X> end",
      "try <X> catch .",
      "<X>?",
      "<G> // <X>",
      "<X> // <X>",
    ],
    ...[
      "first(<G>)",
      "last(<G>)",
      "reduce <G> as $x (first(<X>); . + $x)",
      "<O> | .[<S>]",
      "<A> | .[<N>]",
      "<X> | getpath(<A>)",
      "<X> | .[<X>]",
    ],
    ...[
      "<N>",
      "<S>",
      "<A>",
      "<O>",
      "<B>",
      "<X> + <X>",
      "<X> - <X>",
      "<X> * <X>",
      "<X> / <X>",
      "def f: <X>; f | f",
      "def f(g): g | g; f(<X>)",
    ],
    ...[
      "def f($p): $p, .; f(<X>)",
      "label $out | <X> | ., break $out",
      "<X> | tojson | fromjson",
      "error(<X>)",
      "try error(<X>) catch .",
    ],
    ...[
      "until(<B>; <X>) | .",
      "def f: if <B> then <X> else <X> end; f",
      "<X> as $v | [$v, <X>]",
      "add(<G>)",
      "limit(<N>; <G>)",
    ],
    ...[
      "def f(g; h): g, h; [f(<X>; <X>)]",
      "<X> | values",
      "<X> | scalars",
      "<X> | @json",
      "<A> | first",
      "<A> | last",
      "<A> | nth(<N>)",
    ],
    ...[
      "<A> | min_by(<X>)",
      "<A> | max_by(<X>)",
      "[<X>, <X>] | sort",
      "<X> | objects, arrays",
      '<X> | splits("o")?',
      "ltrimstr(<X>)",
    ],
  ],
  path: [
    ...[
      "<P> | <P>",
      "<P>, <P>",
      "<P> | .a?",
      "<P> | .[]?",
      "<P> | select(<B>)",
      "if <B> then <P> else <P> end",
      "<P> // <P>",
      "first(<P>)",
    ],
    ...[
      "<P> | .[<N>]?",
      "<P> | .[<N>:<N>]?",
      "recurse | <P>",
      "limit(<N>; <P>)",
      "getpath(<A>)",
      "<P>?",
      "try <P> catch <P>",
      "last(<P>)",
    ],
    ...[
      "<X> as $v | <P>",

      "def f: <P>; f",
      "def f(g): g; f(<P>)",
      "<P> | map(<X>)",
      "<P> | .[<S>]?",
    ],
    ...[
      "<P> | recurse(<P>; <B>)",
      "label $o | <P> | ., break $o",

      "skip(<N>; <P>)",
      "<P> | ..",
      "<X>",
    ],
  ],
  stream: [
    ...[
      "<X>, <X>",
      "<G>, <G>",
      "<A> | .[]",
      "<O> | .[]?",
      "<G> | <X>",
      "range(<N>) | <X>",
      "path(<P>)",
      "recurse(<P>) | type",
      "<G> | select(<B>)",
    ],
    ...[
      "foreach <G> as $x (0; . + 1; [$x, .])",
      "limit(<N>; <G>)",
      "try <G> catch .",
      "<G> // <X>",
      "<P>",
      "label $l | <G>, break $l, <X>",
    ],
    ...[
      '<S> | scan("[a-z]+")',
      '<S> | match("[aeiou]"; "g").string',
      "getpath(paths)",
      "<G> as [$a] ?// $a | [$a]",
      "<X> | tostream",
    ],
    ...[
      "<G> | try error catch .",
      "if <G> then <X> else <X> end",
      "{a: (<G>), b: (<G>)} | [.a, .b]",
      "[<G>][<N>]?",
      '<S> | splits("[ ,]")',
    ],
    ...[
      '"\\(<G>)-\\(<G>)"',
      "<G> + <G>",
      "[<G> , <G>] | combinations?",
      "def f(g): g, g; f(<G>)",
      "<A>[<G>]?",
      "<P> = <G>",
      "<P> += <G>",
    ],
  ],
};
