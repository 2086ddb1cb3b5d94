import type { CommandDefinition, OptionDefinition } from "./command.ts";
import { OUTPUT_OPTIONS } from "./print.ts";

const UP_OPTIONS: readonly OptionDefinition[] = [
  { flags: "--port <port>", description: "port of the API; 0 takes any free one" },
  { flags: "--host <host>", description: "address the API listens on" },
  { flags: "--log-level <level>", description: "least level that is logged" },
  { flags: "--foreground", description: "stay in the foreground, for containers and service managers" },
  ...OUTPUT_OPTIONS,
];

const NOW: OptionDefinition = { flags: "--now", description: "do not wait up to 30 s for running effects" };

const LOGS_OPTIONS: readonly OptionDefinition[] = [
  { flags: "-f, --follow", description: "go on as lines are written" },
  { flags: "--tail <lines>", description: "so many last lines; 100 when absent" },
];

const LOGS_ARGUMENT = { name: "[component]", description: "server, workflow-runner, agent-runner or supervisor" };

const up = () => import("./commands/up.ts");
const down = () => import("./commands/down.ts");
const status = () => import("./commands/status.ts");
const logs = () => import("./commands/logs.ts");

/** Commands about the platform on this machine. */
export const PLATFORM_COMMANDS: readonly CommandDefinition[] = [
  {
    name: "up",
    summary: "Start the platform and print its addresses",
    options: UP_OPTIONS,
    examples: ["stigmer up", "stigmer up --port 0 --json"],
    load: up,
  },
  {
    name: "down",
    summary: "Stop the platform; executions go on when it is started again",
    options: [NOW],
    examples: ["stigmer down", "stigmer down --now"],
    load: down,
  },
  {
    name: "restart",
    summary: "Stop and start, with the version of this command",
    options: [NOW, ...UP_OPTIONS],
    examples: ["stigmer restart", "stigmer restart --now"],
    load: () => import("./commands/restart.ts"),
  },
  {
    name: "status",
    summary: "Health of every component; the exit code says it too",
    options: OUTPUT_OPTIONS,
    examples: ["stigmer status", "stigmer status --json"],
    load: status,
  },
  {
    name: "logs",
    summary: "What the components write",
    arguments: [LOGS_ARGUMENT],
    options: LOGS_OPTIONS,
    examples: ["stigmer logs", "stigmer logs server --tail 20"],
    load: logs,
  },
  {
    name: "doctor",
    summary: "Check this machine and this home, and say what to do",
    options: [{ flags: "--verify", description: "compare every extracted file with its digest" }, ...OUTPUT_OPTIONS],
    examples: ["stigmer doctor", "stigmer doctor --verify"],
    load: () => import("./commands/doctor.ts"),
  },
  {
    name: "config list",
    summary: "Every setting with its value and where it comes from",
    options: OUTPUT_OPTIONS,
    examples: ["stigmer config list"],
    load: () => import("./commands/config-list.ts"),
  },
  {
    name: "config set",
    summary: "Write a setting into config.yaml",
    arguments: [
      { name: "<key>", description: "host, port or logLevel" },
      { name: "<value>", description: "its value" },
    ],
    examples: ["stigmer config set port 7300"],
    load: () => import("./commands/config-set.ts"),
  },
  {
    name: "config unset",
    summary: "Remove a setting from config.yaml",
    arguments: [{ name: "<key>", description: "host, port or logLevel" }],
    examples: ["stigmer config unset port"],
    load: () => import("./commands/config-unset.ts"),
  },
  {
    name: "paths",
    summary: "Where everything of this home lies",
    options: OUTPUT_OPTIONS,
    examples: ["stigmer paths", "stigmer paths --json"],
    load: () => import("./commands/paths.ts"),
  },
  {
    name: "version",
    summary: "Versions of this command and of the running server",
    options: OUTPUT_OPTIONS,
    examples: ["stigmer version", "stigmer version --json"],
    load: () => import("./commands/version.ts"),
  },
  {
    name: "jq",
    summary: "Evaluate a jq filter with stigmer's own engine",
    isRaw: true,
    examples: ["stigmer jq -n '[range(3)]' -c", `stigmer jq -n -r --arg who world '"hello " + $who'`],
    load: () => import("./commands/jq.ts"),
  },
  {
    name: "completion",
    summary: "Print a completion script for a shell",
    arguments: [{ name: "<shell>", description: "bash, zsh or fish" }],
    examples: ["stigmer completion bash"],
    load: () => import("./commands/completion.ts"),
  },
  {
    name: "licenses",
    summary: "Print the licence and the notices of third parties",
    examples: ["stigmer licenses"],
    load: () => import("./commands/licenses.ts"),
  },
  {
    name: "uninstall",
    summary: "Stop the platform and remove what was unpacked; --data removes the data too",
    options: [
      { flags: "--data", description: "also remove data, tokens and keys" },
      { flags: "-y, --yes", description: "do not ask" },
    ],
    examples: ["stigmer uninstall --yes"],
    load: () => import("./commands/uninstall.ts"),
  },
  { name: "server start", summary: "Alias of up", options: UP_OPTIONS, examples: ["stigmer server start"], load: up },
  {
    name: "server stop",
    summary: "Alias of down",
    options: [NOW],
    examples: ["stigmer server stop"],
    load: down,
  },
  {
    name: "server status",
    summary: "Alias of status",
    options: OUTPUT_OPTIONS,
    examples: ["stigmer server status"],
    load: status,
  },
  {
    name: "server logs",
    summary: "Alias of logs",
    arguments: [LOGS_ARGUMENT],
    options: LOGS_OPTIONS,
    examples: ["stigmer server logs"],
    load: logs,
  },
];
