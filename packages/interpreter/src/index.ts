export type { WorkflowProgramInput } from "./input.ts";
export type { LoggedEvent, RunReportParams } from "./logged-event.ts";
export { createWorkflowProgram, type WorkflowProgramOptions, workflowProgram } from "./program.ts";
export { type RunReport, runReport, type TaskReport } from "./run-report.ts";
