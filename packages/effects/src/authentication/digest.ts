import { createHash, randomBytes } from "node:crypto";
import type { DigestCredentials } from "../http/http-authorization.ts";

/** What a digest is computed over. */
export interface DigestRequest extends DigestCredentials {
  readonly method: string;
  readonly url: URL;
  /** The client's own nonce; a random one when absent. */
  readonly cnonce?: string;
}

/**
 * The `authorization` header that answers a digest challenge with the strongest algorithm that both know.
 *
 * @param header `www-authenticate` of the response, with one or several challenges
 * @returns undefined when no challenge in it can be answered
 * @see RFC 7616 section 3.4
 */
export function digestAuthorization(header: string | undefined, request: DigestRequest): string | undefined {
  const challenges = readChallenges(header ?? "").filter(isAnswerable);
  const [challenge] = challenges.sort((a, b) => strength(b) - strength(a));
  return challenge === undefined ? undefined : answer(challenge, request);
}

type Challenge = Readonly<Record<string, string>>;

const HASHES: Readonly<Record<string, string>> = { MD5: "md5", "SHA-256": "sha256", "SHA-512-256": "sha512-256" };

// Every challenge begins with its scheme; ours take parameters up to where the next scheme begins.
function readChallenges(header: string): Challenge[] {
  const starts = [...header.matchAll(/(?:^|,)\s*([A-Za-z][\w-]*)\s+(?=[\w-]+\s*=)/g)];
  return starts.flatMap((start, index) => {
    if (start[1]?.toLowerCase() !== "digest") return [];
    const from = start.index + start[0].length;
    return [readParameters(header.slice(from, starts[index + 1]?.index))];
  });
}

function readParameters(text: string): Challenge {
  const parameters: Record<string, string> = {};
  for (const [, name = "", quoted, bare] of text.matchAll(/([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g)) {
    parameters[name.toLowerCase()] = quoted?.replace(/\\(.)/g, "$1") ?? bare ?? "";
  }
  return parameters;
}

function isAnswerable(challenge: Challenge): boolean {
  const knowsQop = challenge.qop === undefined || qopsOf(challenge).includes("auth");
  return (
    challenge.nonce !== undefined && challenge.realm !== undefined && hashName(challenge) !== undefined && knowsQop
  );
}

function qopsOf(challenge: Challenge): readonly string[] {
  return (challenge.qop ?? "").split(",").map((one) => one.trim().toLowerCase());
}

function hashName(challenge: Challenge): string | undefined {
  return HASHES[(challenge.algorithm ?? "MD5").toUpperCase().replace(/-SESS$/, "")];
}

function strength(challenge: Challenge): number {
  return Object.values(HASHES).indexOf(hashName(challenge) ?? "");
}

function answer(challenge: Challenge, request: DigestRequest): string {
  const { realm = "", nonce = "", algorithm = "MD5", opaque } = challenge;
  const hash = (text: string) =>
    createHash(hashName(challenge) ?? "md5")
      .update(text)
      .digest("hex");
  const cnonce = request.cnonce ?? randomBytes(16).toString("hex");
  const uri = `${request.url.pathname}${request.url.search}`;
  const user = hash(`${request.username}:${realm}:${request.password}`);
  const isSession = algorithm.toUpperCase().endsWith("-SESS");
  const secret = isSession ? hash(`${user}:${nonce}:${cnonce}`) : user;
  const what = hash(`${request.method}:${uri}`);
  const hasQop = challenge.qop !== undefined;
  const response = hasQop
    ? hash(`${secret}:${nonce}:00000001:${cnonce}:auth:${what}`)
    : hash(`${secret}:${nonce}:${what}`);
  const isHashed = challenge.userhash?.toLowerCase() === "true";
  const username = isHashed ? hash(`${request.username}:${realm}`) : request.username;
  const parts = [
    `username=${quote(username)}`,
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri=${quote(uri)}`,
    `response="${response}"`,
    ...(challenge.algorithm === undefined ? [] : [`algorithm=${algorithm}`]),
    ...(hasQop ? ["qop=auth", "nc=00000001"] : []),
    ...(hasQop || isSession ? [`cnonce="${cnonce}"`] : []),
    ...(opaque === undefined ? [] : [`opaque=${quote(opaque)}`]),
    ...(isHashed ? ["userhash=true"] : []),
  ];
  return `Digest ${parts.join(", ")}`;
}

function quote(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
