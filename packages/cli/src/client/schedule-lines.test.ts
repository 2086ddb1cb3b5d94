import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { ResourceSchema, type ScheduleStatusSchema } from "@stigmer/api";
import { describe, expect, test } from "vitest";
import { nextStart, scheduleLines } from "./schedule-lines.ts";

const at = timestampFromMs(Date.UTC(2026, 0, 2, 3, 4, 5));
const workflow = (schedule?: MessageInitShape<typeof ScheduleStatusSchema>) =>
  create(ResourceSchema, { kind: "Workflow", status: schedule === undefined ? {} : { schedule } });

describe("scheduleLines()", () => {
  test("says nothing without a schedule", () => {
    expect([scheduleLines(workflow()), nextStart(workflow())]).toEqual([[], "-"]);
  });

  test("tells what was, what comes and what went wrong", () => {
    const schedule = { nextDueAt: at, lastDueAt: at, lastExecutionId: "wex_1", lastError: "SECRET_MISSING: no" };
    expect(scheduleLines(workflow(schedule))).toEqual([
      "next run   2026-01-02T03:04:05.000Z",
      "last run   2026-01-02T03:04:05.000Z wex_1",
      "error      SECRET_MISSING: no",
    ]);
  });

  test.each([
    ["on events", { listenerId: "wex_2" }],
    ["after the run", { lastDueAt: at, lastExecutionId: "wex_1" }],
  ])("waits %s", (word, schedule) => {
    expect(nextStart(workflow(schedule))).toBe(word);
  });
});
