import { spawnSync } from "node:child_process";

/**
 * Wraps a command so that it sees the loopback interface and no other network, where the machine lets an ordinary user
 * do that; otherwise says so in one line and returns the command as it is.
 */
export function offlineCommand(command: readonly string[]): readonly string[] {
  const shell = ["sh", "-c", 'ip link set lo up && exec "$@"', "sh"];
  const wrappers = [
    ["unshare", "--net", ...shell],
    ["unshare", "--user", "--map-root-user", "--net", ...shell],
  ];
  const wrapper = wrappers.find(([file = "", ...args]) => spawnSync(file, [...args, "true"]).status === 0);
  if (wrapper !== undefined) return [...wrapper, ...command];
  console.log("network: this machine allows no network namespace, the tests see its real network");
  return command;
}
