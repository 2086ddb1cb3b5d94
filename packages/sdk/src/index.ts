export { type ClientAddress, createClient, type StigmerClient } from "./create-client.ts";
