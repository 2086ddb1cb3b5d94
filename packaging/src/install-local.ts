import { copyFileSync, mkdirSync, renameSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";

const built = resolve(import.meta.dirname, "../../dist/stigmer");
const folder = join(homedir(), "bin");
const target = join(folder, "stigmer");
const staged = join(folder, `.stigmer-${process.pid}`);

mkdirSync(folder, { recursive: true });
copyFileSync(built, staged);
renameSync(staged, target);
console.log(`Installed ${target}`);
if (!(process.env.PATH ?? "").split(delimiter).includes(folder)) {
  console.log(`${folder} is not on your PATH. Add it:\n  export PATH="$HOME/bin:$PATH"`);
}
