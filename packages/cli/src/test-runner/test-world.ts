import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { Json, Manifest } from "@stigmer/dsl";
import type { RunEffect, VirtualClock } from "@stigmer/durable";
import { createEffects } from "@stigmer/effects";
import { VERSION } from "@stigmer/lifecycle";
import { createLocalAgentEffects } from "../run/local-agents.ts";
import { createLocalDefinitions, type LocalDefinitions } from "../run/local-definitions.ts";
import { createLocalEffects } from "../run/local-effects.ts";
import type { LoadedTest } from "./loaded-test-file.ts";
import { isMap } from "./match-json.ts";
import { createMockBook } from "./mock-book.ts";
import type { ChildFilter } from "./mock-children.ts";
import { withMockedFunctions } from "./mock-functions.ts";
import { createTestEffects } from "./test-effects.ts";
import { describeWork, type Work } from "./work.ts";

/** What a test runs in: its definitions, and mocks in place of the world. */
export interface TestWorld {
  readonly main: Manifest;
  readonly definitions: LocalDefinitions;
  readonly runEffect: RunEffect;
  /** Takes the children that mocks answer; writes the others down. */
  readonly isMockedChild: ChildFilter;
  readonly works: readonly Work[];
  readonly refusals: readonly string[];
  /** Input with a workspace as a whole path: it is written from the test file. */
  withWorkspace(input: Json): Json;
  close(): void;
}

/** Makes the world of one run of a test. */
export function createTestWorld({ of, spec }: LoadedTest, clock: VirtualClock): TestWorld {
  const mocks = [...(spec.mocks ?? []), ...(of.file.mocks ?? [])];
  const book = createMockBook(mocks);
  const works: Work[] = [];
  const refusals: string[] = [];
  const manifests = of.documents.map(({ manifest }) => withMockedFunctions(manifest, mocks));
  const main = manifests[of.documents.findIndex(({ manifest }) => manifest === of.main)] ?? of.main;
  const secrets = spec.secrets ?? {};
  const local = createLocalEffects({
    effects: createEffects(),
    agentEffects: createLocalAgentEffects({ protectedDirs: [join(tmpdir(), "stigmer-no-such-folder")] }),
    secrets,
  });
  const seenChildren = new Set<string>();
  return {
    main,
    definitions: createLocalDefinitions({ folder: undefined, manifests, options: runOptions(spec.environment) }),
    runEffect: createTestEffects({
      book,
      clock,
      allow: [...(spec.allow ?? []), ...(of.file.allow ?? [])],
      secrets,
      real: local.runEffect,
      onWork: (work) => works.push(work),
      onRefusal: (message) => refusals.push(message),
    }),
    isMockedChild(executionId, { program, key, input }) {
      const work = describeWork(program, key, input);
      if (book.isMeant(work)) return true;
      const identity = `${executionId}|${key}`;
      if (!seenChildren.has(identity)) works.push(work);
      seenChildren.add(identity);
      return false;
    },
    works,
    refusals,
    withWorkspace: (input) =>
      isMap(input) && typeof input.workspace === "string"
        ? { ...input, workspace: resolve(dirname(of.fileName), input.workspace) }
        : input,
    close: local.close,
  };
}

function runOptions(variables: Readonly<Record<string, Json>> | undefined): Readonly<Record<string, Json>> {
  const metadata = variables === undefined ? {} : { metadata: { environment: "test", variables } };
  return { events: "all", runtime: { name: "stigmer", version: VERSION, ...metadata } };
}
