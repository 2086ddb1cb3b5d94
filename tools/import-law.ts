/** What each package may import of ours. The one place where the law stands in code; ARCHITECTURE.md explains it. */
export const IMPORT_LAW: Readonly<Record<string, readonly string[]>> = {
  "packages/api": [],
  "packages/jq": [],
  "packages/durable": [],
  "packages/lifecycle": [],
  "packages/dsl": ["jq"],
  "packages/interpreter": ["dsl", "jq", "durable"],
  "packages/agent-loop": ["durable"],
  "packages/effects": ["dsl", "jq", "durable", "lifecycle"],
  "packages/agent-effects": ["effects", "durable", "lifecycle"],
  "packages/runner-link": ["api", "durable", "lifecycle"],
  "packages/sdk": ["api", "dsl"],
  "packages/server": ["api", "dsl", "durable", "lifecycle"],
  "packages/workflow-runner": ["api", "interpreter", "effects", "durable", "runner-link", "lifecycle"],
  "packages/agent-runner": ["api", "agent-loop", "agent-effects", "effects", "durable", "runner-link", "lifecycle"],
  "packages/cli": [
    "api",
    "dsl",
    "jq",
    "durable",
    "interpreter",
    "effects",
    "agent-loop",
    "agent-effects",
    "sdk",
    "lifecycle",
  ],
  packaging: ["*"],
  examples: ["sdk"],
  tests: ["sdk", "api"],
  "tests/conformance": ["sdk", "api", "interpreter", "durable", "dsl", "effects", "jq", "tests"],
  "tests/simulation": ["sdk", "api", "server", "runner-link", "durable", "interpreter", "agent-loop"],
  tools: [],
};

/** Packages that run anywhere: they import no Node module. */
export const PURE_PACKAGES: readonly string[] = ["jq", "dsl", "durable", "interpreter", "agent-loop"];
