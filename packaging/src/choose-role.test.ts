import { describe, expect, test } from "vitest";
import { chooseRole } from "./choose-role.ts";

describe("chooseRole()", () => {
  test.each([
    { name: "stigmer", args: ["up"], role: "cli", rest: ["up"] },
    { name: "stigmer", args: [], role: "cli", rest: [] },
    { name: "renamed-by-somebody", args: ["__ru"], role: "cli", rest: ["__ru"] },
    { name: "stigmer-server", args: ["-x"], role: "server", rest: ["-x"] },
    { name: "workflow-runner", args: [], role: "workflow-runner", rest: [] },
    { name: "stigmer", args: ["__run", "agent-runner", "--a", "b"], role: "agent-runner", rest: ["--a", "b"] },
    { name: "stigmer-server", args: ["__run", "guard"], role: "guard", rest: [] },
    { name: "stigmer", args: ["up", "__run", "guard"], role: "cli", rest: ["up", "__run", "guard"] },
  ])("$name $args is $role", ({ name, args, role, rest }) => {
    expect(chooseRole(name, args)).toMatchObject({ kind: "role", role: { name: role }, args: rest });
  });

  test.each([["__run"], ["__run", ""], ["__run", "writer"], ["__run", "constructor"]])("refuses %s %s", (...args) => {
    expect(chooseRole("stigmer", args)).toEqual({ kind: "unknown", name: args[1] ?? "" });
  });
});
