import { isStigmerError } from "@stigmer/api";
import { takeDataLock } from "./data-lock.ts";

// A contender of the lock test: says whether it got the lock, and keeps it until it is killed.
const [, , folder = "", home = ""] = process.argv;
try {
  takeDataLock(folder, home);
  process.stdout.write("held\n");
  setInterval(() => {}, 1_000_000);
} catch (error) {
  process.stdout.write(isStigmerError(error, "DATA_IN_USE") ? "busy\n" : `${String(error)}\n`);
}
