/** Runs one unit of work to its result. */
export type Submit = () => Promise<unknown>;

/** Latencies of a series in ms. */
export interface Latencies {
  readonly p50: number;
  readonly p99: number;
}

/** The middle of values. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The value below which the given share of values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** One after the other, after a warm-up that does not count. */
export async function measureLatency(submit: Submit, params: { warm: number; count: number }): Promise<Latencies> {
  for (let n = 0; n < params.warm; n++) await submit();
  const times: number[] = [];
  for (let n = 0; n < params.count; n++) {
    const startedAt = performance.now();
    await submit();
    times.push(performance.now() - startedAt);
  }
  return { p50: median(times), p99: percentile(times, 0.99) };
}

/** So many at the same time until all are done; results per second. */
export async function measureThroughput(submit: Submit, params: { inFlight: number; count: number }): Promise<number> {
  let left = params.count;
  const lane = async () => {
    while (left-- > 0) await submit();
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: params.inFlight }, lane));
  return params.count / ((performance.now() - startedAt) / 1000);
}
