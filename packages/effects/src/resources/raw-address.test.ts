import { describe, expect, test } from "vitest";
import { functionAddress, toRawAddress } from "./raw-address.ts";

describe("functionAddress()", () => {
  const raw = "https://raw.githubusercontent.com/serverlessworkflow/catalog";
  test.each([
    [
      "https://github.com/serverlessworkflow/catalog/tree/main",
      `${raw}/refs/heads/main/functions/log/1.0.0/function.yaml`,
    ],
    [
      "https://github.com/serverlessworkflow/catalog/tree/dev/sub/",
      `${raw}/refs/heads/dev/sub/functions/log/1.0.0/function.yaml`,
    ],
    ["https://github.com/serverlessworkflow/catalog", `${raw}/HEAD/functions/log/1.0.0/function.yaml`],
    ["https://gitlab.com/a/b/c", "https://gitlab.com/a/b/c/-/raw/HEAD/functions/log/1.0.0/function.yaml"],
    ["https://gitlab.com/a/b/-/tree/main", "https://gitlab.com/a/b/-/raw/main/functions/log/1.0.0/function.yaml"],
    ["https://catalog.example/root/", "https://catalog.example/root/functions/log/1.0.0/function.yaml"],
  ])("in %s", (endpoint, address) => {
    expect(functionAddress(endpoint, "log", "1.0.0")).toBe(address);
  });

  test("cannot be led out of the catalog by a name", () => {
    expect(functionAddress("https://a.example", "../../x", "1")).toBe(
      "https://a.example/functions/..%2F..%2Fx/1/function.yaml",
    );
  });
});

describe("toRawAddress()", () => {
  test.each([
    ["https://github.com/o/r/blob/main/f.yaml", "https://raw.githubusercontent.com/o/r/refs/heads/main/f.yaml"],
    ["https://gitlab.com/o/r/-/blob/main/f.yaml", "https://gitlab.com/o/r/-/raw/main/f.yaml"],
    ["https://github.com/o/r/releases/download/1/f.yaml", "https://github.com/o/r/releases/download/1/f.yaml"],
    ["https://example.com/o/r/blob/main/f.yaml", "https://example.com/o/r/blob/main/f.yaml"],
    ["nothing", "nothing"],
  ])("of %s", (uri, raw) => {
    expect(toRawAddress(uri)).toBe(raw);
  });
});
