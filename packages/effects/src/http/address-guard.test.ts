import { DurableFailure } from "@stigmer/durable";
import { describe, expect, test } from "vitest";
import { type AddressPolicy, checkHost, type ResolveHost } from "./address-guard.ts";

const remote: AddressPolicy = { privateAddresses: "refuse", listedHosts: ["intranet.example", "10.1.2.3"] };
const at =
  (...addresses: string[]): ResolveHost =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));

async function refusal(url: string, policy: AddressPolicy, resolve?: ResolveHost): Promise<string | undefined> {
  try {
    await checkHost(new URL(url), policy, resolve);
    return undefined;
  } catch (error) {
    if (error instanceof DurableFailure) return error.failure.detail;
    throw error;
  }
}

describe("checkHost()", () => {
  test.each([
    "http://169.254.169.254/",
    "http://169.254.1.1/",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://0251.0376.0251.0376/",
    "http://[::ffff:169.254.169.254]/",
    "http://[64:ff9b::169.254.169.254]/",
    "http://[fe80::1]/",
    "http://[fd00:ec2::254]/",
    "http://100.100.100.200/",
  ])("always refuses %s", async (url) => {
    expect(await refusal(url, {})).toContain("refused always");
  });

  test("refuses a name when one of its addresses is refused", async () => {
    expect(await refusal("http://rebind.example", {}, at("93.184.216.34", "169.254.169.254"))).toContain(
      "refused always",
    );
  });

  test.each([
    "http://127.0.0.1:7234",
    "http://localhost:7234",
    "http://0.0.0.0:7234",
    "http://[::1]:7234",
    "http://[::ffff:127.0.0.1]:7234",
  ])("always refuses stigmer's own %s", async (url) => {
    const resolve = url.includes("localhost") ? at("127.0.0.1") : undefined;
    expect(await refusal(url, { ownPorts: () => [7234], listedHosts: ["127.0.0.1", "localhost"] }, resolve)).toContain(
      "stigmer's own",
    );
  });

  test.each([
    "http://127.0.0.1",
    "http://10.0.0.1",
    "http://172.20.0.1",
    "http://192.168.1.1",
    "http://[::1]",
    "http://[fc00::1]",
    "http://[::ffff:10.0.0.1]",
    "http://0.0.0.0",
    "http://[::]",
  ])("refuses %s where others can start executions, and allows it elsewhere", async (url) => {
    expect(await refusal(url, remote)).toContain("is private");
    expect(await refusal(url, {})).toBe(undefined);
  });

  test.each<[string, ResolveHost | undefined]>([
    ["http://93.184.216.34", undefined],
    ["http://[2606:2800:220:1::1]", undefined],
    ["http://intranet.example", at("10.9.9.9")],
    ["http://10.1.2.3", undefined],
  ])("allows %s", async (url, resolve) => {
    expect(await refusal(url, remote, resolve)).toBe(undefined);
  });
});
