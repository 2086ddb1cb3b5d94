export { createClient, type StigmerClient } from "./create-client.ts";
export type { ServerAddress } from "./http-call.ts";
