import { type SourceMap, switchEntries, type WorkflowDocument } from "@stigmer/dsl";
import { renderTable } from "../print.ts";
import type { ExecutionLog } from "./case-run.ts";
import { addHits, type CoverageHits, documentName } from "./coverage-hits.ts";
import type { LoadedDocument } from "./loaded-test-file.ts";
import { tasksOf } from "./task-tree.ts";

/** How much of one document the tests came to. */
export interface DocumentCoverage {
  readonly document: string;
  readonly fileName: string;
  readonly tasks: { readonly covered: number; readonly all: number };
  readonly branches: { readonly covered: number; readonly all: number };
  /** What no test came to, with its line. */
  readonly missed: readonly { readonly name: string; readonly line: number }[];
}

/** Gathers coverage over many tests. */
export interface CoverageCollector {
  add(documents: readonly LoadedDocument[], logs: readonly ExecutionLog[]): void;
  summary(): readonly DocumentCoverage[];
}

interface Collected {
  readonly fileName: string;
  readonly workflow: WorkflowDocument;
  readonly sourceMap: SourceMap;
  readonly hits: CoverageHits;
}

/** Nothing is covered yet. */
export function createCoverage(): CoverageCollector {
  const collected = new Map<string, Collected>();
  return {
    add(documents, logs) {
      const byName = new Map<string, Collected>();
      for (const { fileName, manifest, sourceMap } of documents) {
        if (manifest.kind !== "Workflow") continue;
        const name = documentName(manifest.document);
        const known = collected.get(`${fileName} ${name}`);
        const one = known ?? { fileName, workflow: manifest.document, sourceMap, hits: new Set<string>() };
        collected.set(`${fileName} ${name}`, one);
        byName.set(name, one);
      }
      for (const { document, events } of logs) {
        const one = document === undefined ? undefined : byName.get(documentName(document));
        if (one !== undefined) addHits(one.hits, one.workflow, events);
      }
    },
    summary: () => [...collected.values()].map(summarise),
  };
}

function summarise({ fileName, workflow, sourceMap, hits }: Collected): DocumentCoverage {
  const isEnveloped = sourceMap.keyPosition("/spec/do").line !== sourceMap.keyPosition("/spec").line;
  const lineOf = (pointer: string) => sourceMap.keyPosition(isEnveloped ? `/spec${pointer}` : pointer).line;
  const placed = tasksOf(workflow);
  const tasks = placed.map(({ pointer }) => ({ key: pointer, name: pointer, line: lineOf(pointer) }));
  const branches = placed.flatMap(({ pointer, task }) => {
    const ifs = task.if === undefined ? [] : ["if true", "if false"].map((name) => ({ name, place: pointer }));
    const cases =
      "switch" in task
        ? switchEntries(task).map(({ name, index }) => ({
            name: `case ${name}`,
            place: `${pointer}/switch/${index}/${name}`,
          }))
        : [];
    const caught = "try" in task ? [{ name: "catch", place: `${pointer}/catch` }] : [];
    return [...ifs, ...cases, ...caught].map(({ name, place }) => ({
      key: `${pointer} ${name}`,
      name: `${pointer} ${name}`,
      line: lineOf(place),
    }));
  });
  const count = (list: readonly { readonly key: string }[]) => ({
    covered: list.filter(({ key }) => hits.has(key)).length,
    all: list.length,
  });
  const missed = [...tasks, ...branches].filter(({ key }) => !hits.has(key)).sort((a, b) => a.line - b.line);
  return {
    document: documentName(workflow),
    fileName,
    tasks: count(tasks),
    branches: count(branches),
    missed: missed.map(({ name, line }) => ({ name, line })),
  };
}

/** Covered part of all tasks and branches together, in percent; 100 when there are none. */
export function coveredPercent(summary: readonly DocumentCoverage[]): number {
  const sum = (pick: "covered" | "all") =>
    summary.reduce((total, { tasks, branches }) => total + tasks[pick] + branches[pick], 0);
  return sum("all") === 0 ? 100 : Math.floor((sum("covered") / sum("all")) * 1_000) / 10;
}

/** The table of all documents, and what was missed with its place. */
export function renderCoverage(summary: readonly DocumentCoverage[]): string {
  const share = ({ covered, all }: { covered: number; all: number }) => `${covered}/${all}`;
  const table = renderTable(summary, [
    { title: "DOCUMENT", value: ({ document }) => document },
    { title: "TASKS", value: ({ tasks }) => share(tasks) },
    { title: "BRANCHES", value: ({ branches }) => share(branches) },
    { title: "COVERED", value: (one) => `${coveredPercent([one])} %` },
  ]);
  const missed = summary.flatMap((one) =>
    one.missed.map(({ name, line }) => `  ${one.fileName}:${line}: never ${name}`),
  );
  return `${table}${missed.map((line) => `${line}\n`).join("")}`;
}
