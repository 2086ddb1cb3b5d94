import { lockFolder } from "./folder-lock.ts";

// A contender of the lock test: says whether it got the lock, and keeps it until it is killed.
const [, , folder = "", home = ""] = process.argv;
const taken = lockFolder(folder, home);
process.stdout.write("lock" in taken ? "held\n" : "busy\n");
if ("lock" in taken) setInterval(() => {}, 1_000_000);
