import type { ServiceImpl } from "@connectrpc/connect";
import { API_MAJOR, type SystemService } from "@stigmer/api";
import { BUILD_ID, VERSION } from "@stigmer/lifecycle";
import { type SystemStatusDeps, systemStatus } from "../system/system-status.ts";
import { writeBackup } from "../system/write-backup.ts";

/** The server itself over RPC. */
export function createSystemService(deps: SystemStatusDeps): ServiceImpl<typeof SystemService> {
  return {
    handshake: (request) => ({
      serverVersion: VERSION,
      buildId: BUILD_ID,
      apiMajor: API_MAJOR,
      compatible: request.apiMajor === API_MAJOR,
    }),
    status: () => systemStatus(deps),
    async backup(request) {
      const { path, sizeBytes, digest } = await writeBackup({
        path: request.path,
        key: request.withKey ? "with-key" : "without-key",
        paths: deps.paths,
        read: deps.read,
      });
      return { path, sizeBytes: BigInt(sizeBytes), digest };
    },
  };
}
