import { describe, expect, test } from "vitest";
import { serverBlobs } from "./server-blobs.ts";

const failure = (code: number) => Object.assign(new Error(`code ${code}`), { code });
const nobody = () => Promise.reject(failure(5));

describe("serverBlobs()", () => {
  test("waits for a server that comes back", async () => {
    let calls = 0;
    const blobs = serverBlobs({
      getBlob: nobody,
      putBlob: async () => {
        if (++calls < 3) throw failure(14);
        return "sha256:x";
      },
    });
    expect(await blobs.put(new Uint8Array([1]))).toBe("sha256:x");
    expect(calls).toBe(3);
  });

  test("a value that is not there is nothing, and other failures are failures at once", async () => {
    const blobs = serverBlobs({ getBlob: nobody, putBlob: () => Promise.reject(failure(7)) });
    expect(await blobs.get("sha256:y")).toBe(undefined);
    await expect(blobs.put(new Uint8Array())).rejects.toThrow("code 7");
  });
});
