import { durationToMs, type Json, type MockSpec, STANDARD_ERRORS, type WrittenDuration } from "@stigmer/dsl";
import { DurableFailure, type VirtualClock } from "@stigmer/durable";
import { answerHttp } from "./http-answer.ts";
import { isSelected, type Work } from "./work.ts";

/** The mocks of one run of a test. */
export interface MockBook {
  /** The mock that answers a piece of work; asked again for the same `identity`, the same one. */
  find(work: Work, identity: string): MockSpec | undefined;
  /** True when a mock means this work, used up or not. */
  isMeant(work: Work): boolean;
}

/** Mocks in their order; each answers as often as it says. */
export function createMockBook(mocks: readonly MockSpec[]): MockBook {
  const left = mocks.map(({ times }) => times ?? Number.POSITIVE_INFINITY);
  // A killed run asks again for what it had asked already: that uses nothing up.
  const given = new Map<string, MockSpec | undefined>();
  return {
    isMeant: (work) => mocks.some((mock) => isSelected(mock, work)),
    find(work, identity) {
      if (given.has(identity)) return given.get(identity);
      const index = mocks.findIndex((mock, at) => (left[at] ?? 0) > 0 && isSelected(mock, work));
      const mock = mocks[index];
      if (mock !== undefined) left[index] = (left[index] ?? 0) - 1;
      given.set(identity, mock);
      return mock;
    },
  };
}

/**
 * What a mock gives, after its delay in virtual time.
 *
 * @throws {DurableFailure} when it says so
 */
export async function answerMock(
  mock: MockSpec,
  { work, input, clock }: { readonly work: Work; readonly input: Json; readonly clock: VirtualClock },
): Promise<Json> {
  if (mock.delay !== undefined) await clock.sleep(writtenMs(mock.delay));
  if (mock.error !== undefined) {
    const { type } = mock.error;
    throw new DurableFailure(
      type === undefined ? { ...STANDARD_ERRORS.communication, ...mock.error } : { status: 500, ...mock.error, type },
    );
  }
  if (mock.returns !== undefined) return mock.returns;
  return work.kind === "http" ? answerHttp(mock, work, input) : (mock.body ?? null);
}

/** Milliseconds of a duration that validation has accepted. */
export function writtenMs(duration: WrittenDuration): number {
  return durationToMs(duration) ?? 0;
}
