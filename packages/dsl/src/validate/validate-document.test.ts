import { describe, expect, test } from "vitest";
import { hasErrors } from "../text/diagnostic.ts";
import { parseDocument, unsupportedFeatures, type ValidateOptions, validateDefinition } from "./validate-document.ts";

const HEAD = "document:\n  dsl: 1.0.3\n  namespace: test\n  name: sample\n  version: 1.0.0\n";

/** Problems of a definition whose text begins on line 6, as "line:column code". */
function problems(body: string, options: ValidateOptions = {}): readonly string[] {
  return validateDefinition(HEAD + body, options).map(({ line, column, code }) => `${line}:${column} ${code}`);
}

/** Problems of one task called `t`; the task's first line is line 8 and its fields stand in column 7. */
function taskProblems(...lines: readonly string[]): readonly string[] {
  return problems(`do:\n  - t:\n${lines.map((line) => `      ${line}`).join("\n")}\n`);
}

describe("the structure of documents", () => {
  test.each([
    ["nothing but a list", "- a\n", ["1:1 wrong-type"]],
    ["no document", "do: []\n", ["1:1 missing-field"]],
    ["an empty document", "document:\ndo: []\n", ["1:1 wrong-type"]],
    ["no tasks", HEAD, ["1:1 missing-field"]],
    [
      "another language",
      "document:\n  dsl: 0.8.0\n  namespace: a\n  name: b\n  version: 1.0.0\ndo: []",
      ["2:8 unsupported-dsl-version"],
    ],
    [
      "a newer language",
      "document:\n  dsl: 1.7.0\n  namespace: a\n  name: b\n  version: 1.0.0\ndo: []",
      ["2:8 unknown-dsl-version"],
    ],
    [
      "names and versions",
      "document:\n  dsl: 1.0\n  namespace: a_b\n  name: -b\n  version: v1\ndo: []",
      ["2:8 wrong-type", "3:14 invalid-name", "4:9 invalid-name", "5:12 invalid-version"],
    ],
    ["a typo in the header", `${HEAD}  sumary: x\ndo: []`, ["6:3 unknown-field"]],
    ["a typo at the root", `${HEAD}do: []\noutptu: {}`, ["7:1 unknown-field"]],
    [
      "JSON",
      '{"document": {"dsl": "1.0.3", "namespace": "a", "name": "b", "version": "1.0.0"},\n "do": {}}',
      ["2:8 wrong-type"],
    ],
  ])("refuses %s", (_, text, expected) => {
    expect(validateDefinition(text).map(({ line, column, code }) => `${line}:${column} ${code}`)).toEqual(expected);
  });

  test("members of the root: x- is the author's own, the unknown is ignored, a slip is an error", () => {
    expect(problems("do: []\nx-mine: 1\n$schema: a\n")).toEqual([]);
    const [unknown, slip] = validateDefinition(`${HEAD}do: []\nowner: me\ntimout: {after: PT1S}\n`);
    expect(unknown).toMatchObject({ code: "unknown-field", severity: "warning" });
    expect(slip).toMatchObject({ code: "unknown-field", severity: "error", suggestion: 'Did you mean "timeout"?' });
  });

  test.each([
    ["a task that is a text", ["do:\n  - t: hello\n"], ["7:8 wrong-type"]],
    ["a task without a kind", ["do:\n  - t:\n      sett: {a: 1}\n"], ["7:5 unknown-kind"]],
    ["an empty item", ["do:\n  - {}\n"], ["7:5 one-task-per-item"]],
    ["an item that is a text", ["do:\n  - t\n"], ["7:5 wrong-type"]],
    ["tasks in a map", ["do:\n  t:\n    set: {a: 1}\n"], ["7:3 wrong-type"]],
    ["a schedule with read only", ["do: []\nschedule: {read: data}\n"], ["7:1 missing-field", "7:12 misplaced-field"]],
    ["a schedule without anything", ["do: []\nschedule: {}\n"], ["7:1 missing-field"]],
    ["a schedule without a pause", ["do: []\nschedule: {every: PT0S}\n"], ["7:19 empty-duration"]],
    ["a pause of nothing", ["do: []\nschedule: {after: {seconds: 0}}\n"], ["7:19 empty-duration"]],
    ["a day that never comes", ["do: []\nschedule: {cron: 0 0 31 2 *}\n"], ["7:18 empty-range"]],
    ["a cron expression that is none", ["do: []\nschedule: {cron: 0 25 * * *}\n"], ["7:18 invalid-cron"]],
    ["an unknown mode", ["do: []\nevaluate: {mode: lose}\n"], ["7:18 wrong-value"]],
    ["another language of expressions", ["do: []\nevaluate: {language: js}\n"], ["7:22 wrong-value"]],
  ])("refuses %s", (_, [body], expected) => {
    expect(problems(body ?? "")).toEqual(expected);
  });

  test.each([
    ["two kinds at once", ["set: {a: 1}", "wait: PT1S"], ["9:7 several-kinds"]],
    ["a typo in a field", ["set: {a: 1}", "thne: end"], ["9:7 unknown-field"]],
    ["an empty set", ["set: {}"], ["8:7 too-few"]],
    ["a call without arguments", ["call: http"], ["7:5 missing-field"]],
    ["HTTP without endpoint", ["call: http", "with:", "  method: get"], ["9:7 missing-field"]],
    [
      "HTTP with a bad output",
      ["call: http", "with: {method: get, endpoint: 'http://a', output: text}"],
      ["9:57 wrong-value"],
    ],
    [
      "HTTP with a bad redirect",
      ["call: http", "with: {method: get, endpoint: 'http://a', redirect: yes}"],
      ["9:59 wrong-type"],
    ],
    ["an endpoint with spaces", ["call: http", "with: {method: get, endpoint: 'http://a b'}"], ["9:37 invalid-uri"]],
    [
      "an endpoint with an open brace",
      ["call: http", "with: {method: get, endpoint: 'http://a/{id'}"],
      ["9:37 invalid-uri"],
    ],
    [
      "an unknown way to sign in",
      ["call: http", "with: {method: get, endpoint: {uri: 'http://a', authentication: {basik: {}}}}"],
      ["9:55 unknown-kind"],
    ],
    [
      "a password without a user",
      ["call: http", "with: {method: get, endpoint: {uri: 'http://a', authentication: {basic: {password: x}}}}"],
      ["9:72 missing-field"],
    ],
    ["a function that is none", ["call: htp", "with: {}"], ["8:13 unknown-function"]],
    ["a human without a title", ["call: human", "with: {}"], ["9:7 missing-field"]],
    [
      "a human who decides in two ways",
      ["call: human", "with: {title: t, outcomes: [a, b, a], timeout: {after: PT1H, outcome: c}}"],
      ["9:41 duplicate-outcome", "9:77 unknown-outcome"],
    ],
    [
      "an escalation after the end",
      ["call: human", "with: {title: t, timeout: {after: PT1H}, escalation: {after: PT1H, approvers: [a]}}"],
      ["9:68 empty-range"],
    ],
    ["a loop without items", ["for: {each: x}", "do: []"], ["8:7 missing-field"]],
    ["a loop variable with a dash", ["for: {each: a-b, in: .x}", "do: []"], ["8:19 invalid-variable"]],
    ["a loop that hides $input", ["for: {each: input, in: .x}", "do: []"], ["8:19 hidden-variable"]],
    ["a fork without branches", ["fork: {branches: []}"], ["8:14 too-few"]],
    ["a switch without cases", ["switch: []"], ["8:7 too-few"]],
    ["a case without then", ["switch:", "  - a: {when: .x}"], ["9:11 missing-field"]],
    ["a try without catch", ["try: []"], ["7:5 missing-field"]],
    ["an empty error filter", ["try: []", "catch: {errors: {with: {}}}"], ["9:24 too-few"]],
    [
      "a retry with two backoffs",
      ["try: []", "catch:", "  retry:", "    backoff: {linear: {}, constant: {}}"],
      ["11:33 exclusive-fields"],
    ],
    ["a negative limit", ["try: []", "catch: {retry: {limit: {attempt: {count: -1}}}}"], ["9:48 out-of-range"]],
    [
      "a jitter the wrong way round",
      ["try: []", "catch: {retry: {jitter: {from: PT2S, to: {seconds: 1}}}}"],
      ["9:38 empty-range"],
    ],
    ["a wrong duration", ["wait: 5s"], ["8:13 invalid-duration"]],
    ["an empty duration", ["wait: {}"], ["8:7 too-few"]],
    ["a duration in weeks", ["wait: {weeks: 1}"], ["8:14 unknown-field"]],
    ["half a second", ["wait: {seconds: 0.5}"], ["8:23 wrong-type"]],
    ["a duration that is a number", ["wait: 5"], ["8:13 wrong-type"]],
    ["an emit without type", ["emit: {event: {with: {source: 'http://a'}}}"], ["8:22 missing-field"]],
    ["a listener to two things", ["listen: {to: {one: {with: {type: a}}, any: []}}"], ["8:45 exclusive-fields"]],
    ["until without any", ["listen: {to: {one: {with: {type: a}}, until: .x}}"], ["8:45 misplaced-field"]],
    ["an empty event filter", ["listen: {to: {one: {with: {}}}}"], ["8:27 too-few"]],
    ["a raise without status", ["raise: {error: {type: 'http://a'}}"], ["8:15 missing-field"]],
    ["a status that is none", ["raise: {error: {type: 'http://a', status: 42}}"], ["8:49 out-of-range"]],
    ["a script without code", ["run: {script: {language: js}}"], ["8:13 missing-field"]],
    ["a process that is none", ["run: {shel: {command: ls}}"], ["8:7 unknown-kind"]],
    ["a return that is none", ["run: {shell: {command: ls}, return: stdin}"], ["8:43 wrong-value"]],
    [
      "a container kept eventually",
      ["run: {container: {image: a, lifetime: {cleanup: eventually}}}"],
      ["8:35 missing-field"],
    ],
    ["an agent call without message", ["call: agent", "with: {agent: a}"], ["9:7 missing-field"]],
    ["an agent with capitals", ["call: agent", "with: {agent: My/Agent, message: x}"], ["9:21 invalid-reference"]],
    [
      "an agent of two names",
      ["call: agent", "with: {agent: {nam: a}, message: x}"],
      ["9:14 missing-field", "9:22 unknown-field"],
    ],
    [
      "a schema with a wrong type",
      ["set: {a: 1}", "input: {schema: {document: {type: strin}}}"],
      ["9:41 invalid-schema"],
    ],
    [
      "a schema with a broken pattern",
      ["set: {a: 1}", "output: {schema: {document: {pattern: '('}}}"],
      ["9:45 invalid-schema"],
    ],
    [
      "a schema that refers to nothing",
      ["set: {a: 1}", "output: {schema: {document: {$ref: '#/$defs/x'}}}"],
      ["9:42 invalid-schema"],
    ],
    [
      "AsyncAPI both ways",
      [
        "call: asyncapi",
        "with: {document: {endpoint: 'http://a'}, operation: x, message: {}, subscription: {consume: {amount: 1}}}",
      ],
      ["9:75 exclusive-fields"],
    ],
    ["MCP without transport", ["call: mcp", "with: {method: tools/list}"], ["9:7 missing-field"]],
    [
      "an unknown error type",
      ["try: []", "catch: {errors: {with: {type: 'https://serverlessworkflow.io/spec/1.0.0/errors/comunication'}}}"],
      ["9:37 unknown-error-type"],
    ],
  ])("refuses %s", (_, lines, expected) => {
    expect(taskProblems(...lines)).toEqual(expected);
  });

  test("leaves schemas of other formats alone", () => {
    expect(taskProblems("set: {a: 1}", "input: {schema: {format: avro, document: {type: record}}}")).toEqual([]);
  });

  test("suggests what was meant", () => {
    const [typo] = validateDefinition(
      `${HEAD}do:\n  - t:\n      call: http\n      with: {methd: get, method: get, endpoint: 'http://a'}\n`,
    );
    expect(typo).toMatchObject({ message: 'Unknown field "methd" in an HTTP call', pointer: "/do/0/t/with/methd" });
    const [kind] = validateDefinition(`${HEAD}do:\n  - t:\n      siwtch: []\n`);
    expect(kind?.suggestion).toBe('Did you mean "switch" instead of "siwtch"?');
    const [version] = validateDefinition("document: {dsl: 1.0, namespace: a, name: b, version: 1.0.0}\ndo: []");
    expect(version?.suggestion).toBe('Put it in quotes: "1".');
  });
});

describe("flow", () => {
  const task = (name: string, then?: string) =>
    `  - ${name}:\n      set: {a: 1}\n${then === undefined ? "" : `      then: ${then}\n`}`;

  test.each([
    ["a jump to nothing", `do:\n${task("a", "b2")}${task("b")}`, ["9:13 unknown-task"]],
    [
      "a jump to a task of another list",
      `do:\n  - a:\n      do:\n        - inner: {set: {x: 1}, then: b}\n${task("b")}`,
      ["9:38 unknown-task"],
    ],
    ["two tasks of one name", `do:\n${task("a")}${task("a")}`, ["9:5 duplicate-task"]],
    ["a task called end", `do:\n${task("end")}`, ["7:5 reserved-name"]],
    ["a task after the end", `do:\n${task("a", "end")}${task("b")}`, ["10:5 unreachable-task"]],
    ["tasks that were jumped over", `do:\n${task("a", "c")}${task("b")}${task("c")}`, ["10:5 unreachable-task"]],
    [
      "a task after an error",
      "do:\n  - a: {raise: {error: {type: 'http://a', status: 400}}}\n  - b: {set: {x: 1}}\n",
      ["8:5 unreachable-task"],
    ],
    [
      "a branch that jumps to another",
      "do:\n  - f:\n      fork:\n        branches:\n          - a: {set: {x: 1}, then: b}\n          - b: {set: {x: 1}}\n",
      ["10:36 unknown-task"],
    ],
    [
      "two default cases",
      "do:\n  - s:\n      switch:\n        - a: {then: end}\n        - b: {then: exit}\n",
      ["10:11 several-default-cases"],
    ],
    [
      "a default case too early",
      "do:\n  - s:\n      switch:\n        - a: {then: end}\n        - b: {when: .x, then: exit}\n",
      ["9:11 default-case-not-last"],
    ],
    [
      "a case to nothing",
      "do:\n  - s:\n      switch:\n        - a: {when: .x, then: nowhere}\n",
      ["9:31 unknown-task"],
    ],
    [
      "two cases of one name",
      "do:\n  - s:\n      switch:\n        - a: {when: .x, then: end}\n        - a: {when: .y, then: end}\n",
      ["10:11 duplicate-case"],
    ],
  ])("finds %s", (_, body, expected) => {
    expect(problems(body)).toEqual(expected);
  });

  test.each([
    ["jumps backwards", `do:\n${task("a")}  - s:\n      switch:\n        - again: {when: .x, then: a}\n`],
    [
      "a skipped task goes on",
      "do:\n  - a: {if: .x, raise: {error: {type: 'http://a', status: 400}}, then: end}\n  - b: {set: {x: 1}}\n",
    ],
    [
      "a switch without default goes on",
      `do:\n  - s:\n      switch:\n        - a: {when: .x, then: c}\n${task("b")}${task("c")}`,
    ],
    ["a caught error leads on", `do:\n  - t: {try: [], catch: {then: c}, then: end}\n${task("c")}`],
  ])("%s", (_, body) => {
    expect(problems(body)).toEqual([]);
  });
});

describe("references into use", () => {
  test.each([
    [
      "a timeout",
      "do:\n  - t: {set: {a: 1}, timeout: shrt}\nuse: {timeouts: {short: {after: PT1S}}}\n",
      ["7:31 unknown-timeout"],
    ],
    ["the workflow's timeout", "do: []\ntimeout: none\n", ["7:10 unknown-timeout"]],
    ["an error", "do:\n  - t: {raise: {error: missing}}\n", ["7:24 unknown-error"]],
    ["a retry", "do:\n  - t: {try: [], catch: {retry: often}}\n", ["7:33 unknown-retry"]],
    [
      "an authentication",
      "do:\n  - t:\n      call: http\n      with: {method: get, endpoint: {uri: 'http://a', authentication: {use: nobody}}}\n",
      ["9:77 unknown-authentication"],
    ],
    ["a catalog", "do:\n  - t: {call: 'log:1.0.0@mine'}\n", ["7:15 unknown-catalog"]],
    ["a secret of a policy", "do: []\nuse: {authentications: {a: {basic: {use: pw}}}}\n", ["7:42 undeclared-secret"]],
    [
      "a secret of an expression",
      "do:\n  - t: {run: {shell: {command: '${ $secrets.pw }'}}}\nuse: {secrets: [pwd]}\n",
      ["7:36 undeclared-secret"],
    ],
  ])("finds that %s is missing", (_, body, expected) => {
    expect(problems(body)).toEqual(expected);
  });

  test("accepts functions by name, catalog and address", () => {
    const use = "use: {functions: {f: {set: {a: 1}}}, catalogs: {mine: {endpoint: 'https://a.example'}}}\n";
    const calls = ["f", "log:1.0.0", "log:1.0.0@default", "log:1.0.0@mine", "https://a.example/f.yaml"];
    expect(problems(`do:\n${calls.map((name, index) => `  - t${index}: {call: '${name}'}\n`).join("")}${use}`)).toEqual(
      [],
    );
  });
});

describe("expressions", () => {
  test.each([
    ["a bare condition", ["if: .a ==", "set: {a: 1}"], [expect.stringMatching(/^8:1\d expression-syntax$/)]],
    ["an unknown function", ["set: {a: '${ .x | lenght }'}"], ["8:25 expression-unknown-function"]],
    ["an unknown variable", ["set: {a: '${ $contxt.x }'}"], ["8:20 unknown-variable"]],
    ["$output in a definition", ["set: {a: '${ $output }'}"], ["8:20 variable-not-available"]],
    ["$input in a condition", ["if: $input.x", "set: {a: 1}"], ["8:11 variable-not-available"]],
    ["$output in output.as", ["set: {a: 1}", "output: {as: '{a: $output}'}"], ["9:25 variable-not-available"]],
    [
      "a loop variable outside",
      ["for: {each: pet, in: .pets}", "output: {as: $pet}", "do: []"],
      ["9:20 unknown-variable"],
    ],
    ["the error outside of catch", ["try: [{a: {set: {x: '${ $error }'}}}]", "catch: {}"], ["8:31 unknown-variable"]],
    ["a text that looks like jq", ["set: {a: .user.name}"], ["8:16 literal-expression"]],
    ["a variable without wrapping", ["set: {a: $error}"], ["8:16 literal-expression"]],
    ["text around an expression", ["set: {a: 'Hello ${ .name }!'}"], ["8:23 partial-interpolation"]],
    [
      "two expressions in a text",
      ["set: {a: '${ .a } and ${ .b }'}"],
      [expect.stringMatching(/^8:\d+ expression-syntax$/)],
    ],
    ["a secret in data", ["set: {a: '${ $secrets.k }'}"], ["8:20 secret-in-data", "8:20 undeclared-secret"]],
    ["the clock of jq's world", ["set: {a: '${ input }'}"], [expect.stringMatching(/^8:20 expression-/)]],
  ])("finds %s", (_, lines, expected) => {
    expect([...taskProblems(...lines)].sort()).toEqual(expected);
  });

  test("leaves the dollars of programs alone", () => {
    expect(taskProblems("run: {script: {language: js, code: 'console.log(`a ${b}`)'}}")).toEqual([]);
    expect(taskProblems("run: {shell: {command: 'echo ${HOME} $x'}}")).toEqual([]);
    expect(taskProblems("run: {shell: {command: '${ .x | }'}}")).toHaveLength(1);
  });

  test("places problems inside blocks of several lines", () => {
    const body =
      "do:\n  - t:\n      set:\n        a: |\n          ${\n            .x\n            | lenght\n          }\n";
    expect(problems(body)).toEqual(["12:15 expression-unknown-function"]);
  });

  test("knows the variables of each place", () => {
    const body = `input: {from: '$workflow.id'}
output: {as: '$context'}
do:
  - loop:
      if: $context.x and $task.name
      input: {from: $context}
      for: {each: pet, at: n, in: $input.pets}
      while: $pet.id < $n
      do:
        - a:
            set: {x: '\${ $pet.id + $n }'}
            output: {as: '$input'}
            export: {as: '$output + $pet'}
        - b:
            try: []
            catch: {as: problem, when: $problem.status == 1, do: [{c: {set: {p: '\${ $problem }'}}}]}
        - l:
            listen: {to: {any: [], until: $context.done}}
            foreach: {do: [{d: {set: {p: '\${ [$item, $index, $runtime.name, $authorization.scheme] }'}}}]}
`;
    expect(problems(body)).toEqual([]);
    expect(problems("input: {from: $context}\ndo: []\n")).toEqual(["6:15 variable-not-available"]);
    expect(problems("output: {as: $input}\ndo: []\n")).toEqual(["6:14 variable-not-available"]);
  });

  test("reusable components may read what their users have", () => {
    const body = "use: {errors: {e: {type: 'http://a', status: 500, detail: '${ $item.name }'}}}\ndo: []\n";
    expect(problems(body)).toEqual([]);
  });

  test("loose mode takes texts as they come", () => {
    expect(problems("evaluate: {mode: loose}\ndo:\n  - t: {set: {a: .user, b: 'Hello ${ .x }'}}\n")).toEqual([]);
  });

  test("secrets are welcome in the arguments of effects", () => {
    const body = `use: {secrets: [key]}
do:
  - a: {call: http, with: {method: get, endpoint: 'http://a', headers: {k: '\${ $secrets.key }'}}}
  - b: {run: {shell: {command: ls, environment: {K: '\${ $secrets.key }'}}}}
  - c: {set: {k: '\${ $secrets.key }'}}
`;
    expect(problems(body)).toEqual(["10:22 secret-in-data"]);
    const strict = validateDefinition(HEAD + body, { strictSecrets: true });
    expect(strict).toMatchObject([{ code: "secret-in-data", severity: "error" }]);
  });
});

describe("parseDocument()", () => {
  const good = `${HEAD}do:\n  - t: {set: {a: .x}}\n`;

  test("gives the document with its warnings", () => {
    const { document, diagnostics } = parseDocument(good);
    expect(document?.document.name).toBe("sample");
    expect(diagnostics).toMatchObject([{ code: "literal-expression", severity: "warning", line: 7 }]);
    expect(hasErrors(diagnostics)).toBe(false);
  });

  test("gives no document when there is an error", () => {
    expect(parseDocument(`${good}do: []`).document).toBeUndefined();
    expect(parseDocument("a: [").document).toBeUndefined();
  });

  test("counts lines from the start of the file", () => {
    expect(parseDocument(good, { firstLine: 101 }).diagnostics).toMatchObject([{ line: 107 }]);
  });

  test("reads a thousand lines in time", () => {
    const task = (index: number) =>
      `${[
        `  - t${index}:`,
        "      call: http",
        "      with:",
        "        method: get",
        "        endpoint: http://a/{id}",
      ].join("\n")}\n      output:\n        as: .x${index}\n`;
    const text = `${HEAD}do:\n${Array.from({ length: 142 }, (_, index) => task(index)).join("")}`;
    const times = Array.from({ length: 5 }, () => {
      const started = performance.now();
      expect(parseDocument(text).diagnostics).toEqual([]);
      return performance.now() - started;
    });
    expect(text.split("\n").length).toBeGreaterThanOrEqual(1_000);
    expect(Math.min(...times)).toBeLessThan(100);
  });
});

describe("unsupportedFeatures()", () => {
  const body = `schedule: {every: PT1H}
use: {functions: {f: {set: {a: 1}}}}
do:
  - a: {call: f}
  - b: {listen: {to: {any: []}}}
  - c: {call: mcp, with: {method: tools/list, transport: {stdio: {command: x}}}}
  - d: {run: {script: {language: ruby, code: x}}}
  - e: {run: {container: {image: x}}}
  - f: {call: http, with: {method: get, endpoint: {uri: 'http://a', authentication: {digest: {username: a, password: b}}}}}
  - g: {call: agent, with: {agent: shop/helper, message: hello, session: '\${ .id }'}}
  - h: {fork: {compete: true, branches: [{x: {wait: PT1S}}]}}
`;

  test("names what does not run, with its place", () => {
    const expected = ["12:34"].map((at) => `${at} not-supported-yet`);
    expect(problems(body, { supported: "now" })).toEqual(expected);
    const { document, sourceMap } = parseDocument(HEAD + body);
    if (document === undefined) throw new Error("the document is valid");
    expect(unsupportedFeatures(document, sourceMap)).toHaveLength(expected.length);
  });

  test("allows the whole language otherwise", () => {
    expect(problems(body)).toEqual([]);
  });
});
