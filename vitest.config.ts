import { defineConfig } from "vitest/config";

/** Unit tests share a process and run in threads; tests that start real processes get a fork of their own. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts", "packaging/src/**/*.test.ts", "tools/**/*.test.ts"],
          pool: "threads",
          isolate: false,
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: "system",
          include: ["tests/{conformance,simulation,e2e}/**/*.test.ts"],
          pool: "forks",
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
