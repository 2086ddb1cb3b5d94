import type { Json, MockSpec, StandardErrorName } from "@stigmer/dsl";
import { STANDARD_ERRORS } from "@stigmer/dsl";
import { DurableFailure } from "@stigmer/durable";
import { isMap } from "./match-json.ts";
import type { Work } from "./work.ts";

/**
 * What an HTTP task gets from a mocked response, as the real effect would give it.
 *
 * @throws {DurableFailure} for a status that the real effect refuses
 */
export function answerHttp(mock: MockSpec, work: Work, input: Json): Json {
  const statusCode = mock.status ?? 200;
  const headers = Object.fromEntries(
    Object.entries(mock.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const content = mock.body ?? null;
  const redirects = isMap(input) && input.redirect === true;
  if (statusCode < 200 || statusCode >= (redirects ? 400 : 300)) {
    throw new DurableFailure({
      ...STANDARD_ERRORS[errorOf(statusCode)],
      status: statusCode,
      detail: `${work.method ?? "GET"} ${work.address ?? ""} answered ${statusCode}`,
      data: { statusCode, headers, content },
    });
  }
  switch (isMap(input) ? input.output : undefined) {
    case "raw":
      return Buffer.from(typeof content === "string" ? content : JSON.stringify(content)).toString("base64");
    case "response": {
      const request = { method: work.method ?? "GET", uri: work.address ?? "", headers: work.headers ?? {} };
      return { request, statusCode, headers, content };
    }
    default:
      return content;
  }
}

function errorOf(statusCode: number): StandardErrorName {
  if (statusCode === 401) return "authentication";
  return statusCode === 403 ? "authorization" : "communication";
}
