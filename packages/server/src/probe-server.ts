import { request } from "node:http";

const PROBE_MS = 5_000;

/**
 * Calls the server through its own socket, as any client would; resolves when it has answered.
 *
 * @throws {Error} when it answers anything but success, or not within 5 s
 */
export function probeServer(socketPath: string, apiMajor: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        socketPath,
        path: "/stigmer.v1.SystemService/Handshake",
        method: "POST",
        headers: { "content-type": "application/json" },
        timeout: PROBE_MS,
        agent: false,
      },
      (response) => {
        response.resume();
        if (response.statusCode === 200) response.once("end", () => resolve());
        else reject(new Error(`Cannot serve on "${socketPath}": the first call was answered ${response.statusCode}`));
      },
    );
    call.once("error", reject);
    call.once("timeout", () => call.destroy(new Error(`Cannot serve on "${socketPath}": no answer in ${PROBE_MS} ms`)));
    call.end(JSON.stringify({ apiMajor }));
  });
}
