import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { COMMANDS } from "../registry.ts";
import { completionScript } from "./completion-script.ts";

/** What bash offers for a line whose last word is unfinished. */
function complete(...words: readonly string[]): readonly string[] {
  const quoted = ["stigmer", ...words].map((word) => JSON.stringify(word)).join(" ");
  const program = `${completionScript("bash", COMMANDS)}
COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _stigmer; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return spawnSync("bash", ["-c", program], { encoding: "utf8" })
    .stdout.split("\n")
    .filter((line) => line !== "");
}

describe("completionScript()", () => {
  test("completes commands, commands of groups and options in bash", () => {
    expect(complete("sta")).toEqual(["status"]);
    expect(complete("secret", "se")).toEqual(["set"]);
    expect(complete("up", "--po")).toEqual(["--port"]);
    expect(complete("secret", "set", "--from")).toEqual(["--from-file"]);
  });

  test.each(["zsh", "fish"] as const)("names every first word in %s", (shell) => {
    const script = completionScript(shell, COMMANDS);
    for (const { name } of COMMANDS) expect(script).toContain(name.split(" ")[0]);
  });
});
