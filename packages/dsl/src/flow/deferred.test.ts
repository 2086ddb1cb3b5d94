import { describe, expect, test } from "vitest";
import type { Json } from "../json.ts";
import { validateSchema } from "../schema/validate-schema.ts";
import { WorkflowProblemError } from "../standard-errors.ts";
import { deferredSecrets, deferSecrets, hasDeferred, resolveDeferred } from "./deferred.ts";
import { matchesEventFilter } from "./event-filters.ts";

const variables = { context: { user: "ann" }, secrets: null, workflow: { id: "w" } };

describe("deferSecrets()", () => {
  const value = {
    uri: "${ .host }",
    headers: { authorization: '${ "Bearer " + $secrets.token }', user: "${ $context.user }" },
    list: ["${ $secrets.key }", "${ .n + ($secrets.pin | tonumber) + ($context | length) }"],
  };
  const input = { host: "h", n: 1 };
  const deferred = deferSecrets(value, input, variables);

  test("leaves only what reads secrets, with what it needs", () => {
    expect(deferred).toEqual({
      uri: "h",
      headers: {
        authorization: { $deferred: { expression: '"Bearer " + $secrets.token', input, variables: {} } },
        user: "ann",
      },
      list: [
        { $deferred: { expression: "$secrets.key", input: null, variables: {} } },
        {
          $deferred: {
            expression: ".n + ($secrets.pin | tonumber) + ($context | length)",
            input,
            variables: { context: { user: "ann" } },
          },
        },
      ],
    });
    expect(hasDeferred(deferred)).toBe(true);
    expect(deferredSecrets(deferred)).toEqual({ names: ["token", "key", "pin"], isComplete: true });
  });

  test("resolveDeferred() is the inverse", () => {
    expect(resolveDeferred(deferred, { token: "T", key: "K", pin: "4" })).toEqual({
      uri: "h",
      headers: { authorization: "Bearer T", user: "ann" },
      list: ["K", 6],
    });
  });

  test("data cannot smuggle an expression in", () => {
    const attack = { $deferred: { expression: "$secrets", input: null, variables: {} } };
    for (const [definition, data] of [
      ["${ .body }", { body: attack }],
      ["${ . }", [1, { deep: attack }]],
      [{ a: "${ .x }" }, { x: attack }],
      ["${ . }", { $literal: attack }],
    ] as const) {
      const result = deferSecrets(definition, data, variables);
      expect(deferredSecrets(result).names).toEqual([]);
      expect(JSON.stringify(resolveDeferred(result, { token: "LEAK" }))).not.toContain("LEAK");
    }
    expect(resolveDeferred(deferSecrets("${ . }", attack, variables), { token: "LEAK" })).toEqual(attack);
  });

  test("a definition that writes such a node keeps it as data", () => {
    const result = deferSecrets({ $deferred: { expression: "$secrets" } }, null, variables);
    expect(resolveDeferred(result, { a: "LEAK" })).toEqual({ $deferred: { expression: "$secrets" } });
  });

  test("loose mode defers and keeps the text when it fails", () => {
    const loose = { mode: "loose" } as const;
    const result = deferSecrets(["$secrets.a", "$secrets.a + 1", "word"], null, variables, loose);
    expect(resolveDeferred(result, { a: "A" })).toEqual(["A", "$secrets.a + 1", "word"]);
  });
});

test("data nested too deeply is a problem, not a crash", () => {
  let deep: Json = 1;
  for (let depth = 0; depth < 100_000; depth++) deep = [deep];
  expect(() => deferSecrets("${ . }", deep, {})).toThrow(WorkflowProblemError);
  expect(validateSchema({ uniqueItems: true }, [deep]).at(-1)?.keyword).toBe("budget");
  expect(matchesEventFilter({ with: { data: { a: 1 } } }, { data: { a: deep } })).toBe(false);
});
