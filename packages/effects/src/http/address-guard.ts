import type { LookupAddress } from "node:dns";
import { lookup } from "node:dns/promises";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { networkInterfaces } from "node:os";
import { failure } from "../fail.ts";

/** Which addresses effects may reach. */
export interface AddressPolicy {
  /** Ports on this machine on which stigmer itself listens; refused always. Asked at each call. */
  readonly ownPorts?: () => readonly number[];
  /** `refuse` where people from elsewhere can start executions; `allow` when absent. */
  readonly privateAddresses?: "allow" | "refuse";
  /** Host names or addresses that are reached although they are private. */
  readonly listedHosts?: readonly string[];
}

/** Where a request goes: a name and the addresses it had when it was checked. */
export interface CheckedHost {
  readonly hostname: string;
  readonly addresses: readonly LookupAddress[];
}

/** Asks for all addresses of a name. */
export type ResolveHost = (hostname: string) => Promise<readonly LookupAddress[]>;

/**
 * Resolves the host of `url` once and checks every address; the caller connects to exactly these.
 *
 * @throws {DurableFailure} `communication` when the name is unknown, `authorization` when an address is refused
 */
export async function checkHost(
  url: URL,
  policy: AddressPolicy,
  resolve: ResolveHost = resolveHost,
): Promise<CheckedHost> {
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  const addresses = await resolve(hostname).catch((cause: unknown) => {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
    throw failure("communication", { detail: `Cannot reach ${url.origin}: the name has no address (${code})`, cause });
  });
  for (const { address } of addresses) refuse(url, address, policy);
  return { hostname, addresses };
}

/** A `lookup` for connections that answers with the checked addresses only, whatever the name says by now. */
export function pinnedLookup(host: CheckedHost): LookupFunction {
  return (_hostname, options, callback) => {
    const [first] = host.addresses;
    if (options.all) callback(null, [...host.addresses]);
    else if (first) callback(null, first.address, first.family);
    else callback(Object.assign(new Error("no address"), { code: "ENOTFOUND" }), "", 0);
  };
}

const resolveHost: ResolveHost = (hostname) => {
  const family = isIP(hostname);
  return family === 0 ? lookup(hostname, { all: true }) : Promise.resolve([{ address: hostname, family }]);
};

function refuse(url: URL, address: string, policy: AddressPolicy): void {
  const why = refusal(address, portOf(url), policy, policy.listedHosts?.includes(url.hostname) ?? false);
  if (why === undefined) return;
  throw failure("authorization", {
    title: "Address refused",
    detail: `Cannot call ${url.origin}: its address ${address} ${why}`,
    retryable: false,
  });
}

function refusal(address: string, port: number, policy: AddressPolicy, isListed: boolean): string | undefined {
  const plain = withoutMapping(address);
  const family = isIP(plain) === 6 ? "ipv6" : "ipv4";
  if (METADATA.check(plain, family)) return "is link-local or a cloud's metadata service, which is refused always";
  const ownPorts = policy.ownPorts?.() ?? [];
  if (ownPorts.includes(port) && isThisMachine(plain, family)) return `and port ${port} are stigmer's own`;
  if (policy.privateAddresses !== "refuse" || isListed || policy.listedHosts?.includes(address)) return undefined;
  return PRIVATE.check(plain, family) ? "is private; list the host in the configuration to allow it" : undefined;
}

function portOf(url: URL): number {
  if (url.port !== "") return Number(url.port);
  return url.protocol === "https:" ? 443 : 80;
}

function isThisMachine(address: string, family: "ipv4" | "ipv6"): boolean {
  if (LOCAL.check(address, family)) return true;
  return Object.values(networkInterfaces()).some((list) => list?.some((entry) => entry.address === address));
}

/** The IPv4 address inside an IPv6 one that only wraps it (`::ffff:…`, NAT64, 6to4); other addresses unchanged. */
function withoutMapping(address: string): string {
  const groups = expandIpv6(address);
  if (groups === undefined) return address;
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && (groups[5] === 0xffff || groups[5] === 0);
  const isNat64 = groups[0] === 0x64 && groups[1] === 0xff9b;
  if ((isMapped && (groups[6] ?? 0) !== 0) || isNat64) return toIpv4(groups[6] ?? 0, groups[7] ?? 0);
  if (groups[0] === 0x2002) return toIpv4(groups[1] ?? 0, groups[2] ?? 0);
  return address;
}

/** The eight groups of an IPv6 address; undefined for anything else. */
function expandIpv6(address: string): readonly number[] | undefined {
  if (isIP(address) !== 6) return undefined;
  // The URL parser writes every IPv6 address in its one canonical form, without a dotted tail.
  const bare = new URL(`http://[${address.replace(/%.*$/, "")}]`).hostname.slice(1, -1);
  const [head = "", tail] = bare.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  return [...left, ...Array<string>(zeros).fill("0"), ...right].map((group) => Number.parseInt(group, 16));
}

function toIpv4(high: number, low: number): string {
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join(".");
}

const METADATA = blockList([
  ["169.254.0.0", 16],
  ["100.100.100.200", 32],
  ["168.63.129.16", 32],
  ["fe80::", 10],
  ["fd00:ec2::254", 128],
]);

const LOCAL = blockList([
  ["0.0.0.0", 8],
  ["127.0.0.0", 8],
  ["::", 128],
  ["::1", 128],
]);

const PRIVATE = blockList([
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
  ["::", 128],
  ["::1", 128],
  ["fc00::", 7],
  ["ff00::", 8],
]);

function blockList(ranges: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of ranges) list.addSubnet(network, prefix, isIP(network) === 6 ? "ipv6" : "ipv4");
  return list;
}
