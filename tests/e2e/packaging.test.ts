import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  buildStandIn,
  builtExecutable,
  createTestFolder,
  placeCopy,
  placeDamagedCopy,
  runExecutable,
  startExecutable,
} from "./executable-fixture.ts";

const NOBODY = 65_534;
const folder = createTestFolder();
let homes = 0;
let older = "";
let newer = "";

beforeAll(async () => {
  [older, newer] = await Promise.all([buildStandIn(folder, "1.2.0"), buildStandIn(folder, "1.3.0")]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function freshHome(): string {
  return join(folder, `home-${homes++}`);
}

function runIn(home: string, file: string, ...args: string[]) {
  return runExecutable(file, { args, env: { STIGMER_HOME: home } });
}

function versionsIn(home: string): string[] {
  return readdirSync(join(home, "versions")).sort();
}

describe("the built executable", () => {
  const executable = builtExecutable();

  test.each(["--version", "-V"])("%s is answered without touching a file", (flag) => {
    const home = freshHome();
    mkdirSync(home);
    const run = runExecutable(executable, { args: [flag], env: { HOME: home, STIGMER_HOME: join(home, "stigmer") } });
    expect(run).toMatchObject({ status: 0, stderr: "" });
    expect(run.stdout).toMatch(/^\d+\.\d+\.\d+\S*\n$/);
    expect(readdirSync(home)).toEqual([]);
  });

  test("a first run lays out the home and runs the command", () => {
    const home = freshHome();
    expect(runIn(home, executable, "--help")).toMatchObject({ status: 0, stderr: "" });
    const id = readFileSync(join(home, "bin/.version"), "utf8");
    expect(readlinkSync(join(home, "bin"))).toBe(`versions/${id}`);
    expect(versionsIn(home)).toEqual([id]);
    for (const name of ["stigmer", "stigmer-server", "workflow-runner"]) {
      expect(statSync(join(home, "bin", name)).size).toBe(statSync(executable).size);
    }
    for (const file of manifestOf(home).files) {
      expect(digestOf(join(home, "bin", file.path))).toBe(file.sha256);
    }
  });

  test("eight first runs at once all work and unpack once", async () => {
    const home = freshHome();
    const env = { STIGMER_HOME: home };
    const runs = Array.from({ length: 8 }, () => startExecutable(executable, { args: ["--help"], env }).ended);
    for (const run of await Promise.all(runs)) expect(run).toMatchObject({ status: 0, stderr: "" });
    expect(versionsIn(home)).toEqual([readFileSync(join(home, "bin/.version"), "utf8")]);
  });
});

describe("development variables", () => {
  const executable = builtExecutable();

  test.each(["STIGMER_SERVER_BIN", "STIGMER_WORKFLOW_RUNNER_BIN", "STIGMER_AGENT_RUNNER_SCRIPT"])(
    "%s that names no file is an error, not a reason to look elsewhere",
    (variable) => {
      const home = freshHome();
      const env = { STIGMER_HOME: home, [variable]: "/nowhere/component" };
      const run = runExecutable(executable, { args: ["up", "--port", "0"], env });
      expect(run.stderr).toContain(`${variable} set but file not found: /nowhere/component`);
      expect(run.status).toBe(1);
      expect(runIn(home, executable, "status").status).toBe(3);
    },
  );

  test("STIGMER_DEV_MODE=true asks for every component and unpacks nothing", () => {
    const home = freshHome();
    const env = { STIGMER_HOME: home, STIGMER_DEV_MODE: "true" };
    const run = runExecutable(executable, { args: ["up", "--port", "0"], env });
    expect(run.status).toBe(1);
    expect(run.stderr).toContain("export STIGMER_SERVER_BIN=/path/to/stigmer-server");
    expect(existsSync(join(home, "versions"))).toBe(false);
  });
});

describe("a build", () => {
  test("gives the same bytes for the same sources", async () => {
    const again = await buildStandIn(join(folder, "again"), "1.2.0");
    expect(digestOf(again)).toBe(digestOf(older));
  });
});

describe("roles", () => {
  test.each([
    { how: "the plain name", start: (bin: string) => [join(bin, "stigmer"), "a", "b"], role: "cli" },
    { how: "its link", start: (bin: string) => [join(bin, "stigmer-server"), "a", "b"], role: "server" },
    { how: "its link", start: (bin: string) => [join(bin, "workflow-runner"), "a", "b"], role: "workflow-runner" },
    { how: "its script", start: (bin: string) => [join(bin, "agent-runner/run.sh"), "a", "b"], role: "agent-runner" },
    { how: "__run", start: (bin: string) => [join(bin, "stigmer"), "__run", "guard", "a", "b"], role: "guard" },
  ])("$role starts by $how, from its version folder", ({ start, role }) => {
    const home = freshHome();
    runIn(home, older);
    const [file = "", ...args] = start(join(home, "bin"));
    const found = JSON.parse(runIn(home, file, ...args).stdout);
    const versionFolder = join(home, "versions", versionsIn(home)[0] ?? "");
    expect(found).toMatchObject({
      role,
      args: ["a", "b"],
      bundle: join(versionFolder, `lib/${role}.cjs`),
      executable: join(versionFolder, "stigmer"),
    });
  });

  test("a task's process, which has no STIGMER_HOME, uses the folder that it was started from", () => {
    const home = freshHome();
    runIn(home, older);
    const privateHome = freshHome();
    mkdirSync(privateHome);
    const file = join(home, "bin/stigmer");
    const run = runExecutable(file, { args: ["__run", "script"], env: { HOME: privateHome } });
    expect(JSON.parse(run.stdout)).toMatchObject({ role: "script" });
    expect(JSON.parse(run.stdout).variables).toEqual(["HOME", "PATH", "STIGMER_SPAWN_DEPTH"]);
    expect(readdirSync(privateHome)).toEqual([]);
  });

  test("an unknown role is refused with the known ones", () => {
    const run = runIn(freshHome(), older, "__run", "nobody");
    expect(run.status).toBe(2);
    expect(run.stderr).toContain('Unknown role "nobody"');
    expect(run.stderr).toContain("workflow-runner");
  });

  test("a process that forks itself is stopped", () => {
    const run = runIn(freshHome(), older, "fork");
    expect(run.status).toBe(1);
    expect(run.stderr).toContain("stigmer processes started one another");
  });

  test("NODE_OPTIONS of the user does not enter", () => {
    const env = { STIGMER_HOME: freshHome(), NODE_OPTIONS: "--require /nowhere.cjs" };
    expect(runExecutable(older, { env }).status).toBe(0);
  });

  test("development mode extracts nothing", () => {
    const home = freshHome();
    const run = runExecutable(older, { env: { STIGMER_HOME: home, STIGMER_DEV_MODE: "true" } });
    expect(JSON.parse(run.stdout)).toMatchObject({ role: "cli" });
    expect(existsSync(home)).toBe(false);
  });
});

describe("a change of version", () => {
  test("upgrade unpacks and says so; downgrade only moves the pointer", () => {
    const home = freshHome();
    runIn(home, older);
    expect(runIn(home, newer).stderr).toBe(
      "[INFO] Detected CLI version change (1.2.0 → 1.3.0)\n[INFO] Re-extracting embedded binaries...\n",
    );
    expect(readlinkSync(join(home, "bin"))).toContain("1.3.0+");
    expect(versionsIn(home)).toHaveLength(2);
    expect(runIn(home, older).stderr).toBe("[INFO] Detected CLI version change (1.3.0 → 1.2.0)\n");
    expect(readlinkSync(join(home, "bin"))).toContain("1.2.0+");
    expect(runIn(home, older)).toMatchObject({ status: 0, stderr: "" });
  });

  test("a component of the old version goes on with its own files and leaves the pointer alone", () => {
    const home = freshHome();
    runIn(home, older);
    const oldServer = join(home, "versions", versionsIn(home)[0] ?? "", "stigmer-server");
    runIn(home, newer);
    const found = JSON.parse(runIn(home, oldServer).stdout);
    expect(found.bundle).toContain("/versions/1.2.0+");
    expect(readlinkSync(join(home, "bin"))).toContain("1.3.0+");
  });

  test("versions before the previous one go, but not under a running process", async () => {
    const home = freshHome();
    for (const id of ["0.8.0+a", "0.9.0+b"]) mkdirSync(join(home, "versions", id), { recursive: true });
    const sleeper = placeCopy(older, join(home, "versions/0.9.0+b/stigmer"));
    runIn(home, older);
    const { child, ended } = startExecutable(sleeper, { args: ["hold"], env: { STIGMER_HOME: home } });
    await new Promise((started) => child.stdout?.once("data", started));
    runIn(home, newer);
    const names = versionsIn(home).map((id) => id.split("+")[0]);
    child.stdin?.end();
    child.kill();
    await ended;
    expect(names).toEqual(["0.9.0", "1.2.0", "1.3.0"]);
    runIn(home, older);
    expect(versionsIn(home).map((id) => id.split("+")[0])).toEqual(["1.2.0", "1.3.0"]);
  });

  test("a real folder named bin is put aside, not lost", () => {
    const home = freshHome();
    mkdirSync(join(home, "bin"), { recursive: true });
    writeFileSync(join(home, "bin/mine"), "mine");
    expect(runIn(home, older).status).toBe(0);
    const aside = readdirSync(home).find((name) => name.startsWith("bin.before-")) ?? "";
    expect(readFileSync(join(home, aside, "mine"), "utf8")).toBe("mine");
  });
});

describe("damage", () => {
  test.each([
    { what: "a cut file", path: "lib/cli.cjs", damage: (file: string) => truncateSync(file, 100) },
    { what: "an edited file of the same size", path: "lib/server.cjs", damage: flipByte },
    { what: "a missing file", path: "lib/supervisor.cjs", damage: (file: string) => rmSync(file) },
    { what: "a missing component", path: "stigmer-server", damage: (file: string) => rmSync(file) },
    { what: "a foreign component", path: "workflow-runner", damage: (file: string) => replace(file, "#!/bin/sh\n") },
  ])("$what is written again at the next start", ({ path, damage }) => {
    const home = freshHome();
    runIn(home, older);
    damage(join(home, "bin", path));
    expect(runIn(home, older)).toMatchObject({ status: 0, stderr: `[INFO] Repaired damaged files: ${path}\n` });
    expect(runIn(home, older)).toMatchObject({ status: 0, stderr: "" });
    expect(JSON.parse(runIn(home, older, "verify").stdout).damaged).toEqual([]);
  });

  test("a touched file is looked at and left alone", () => {
    const home = freshHome();
    runIn(home, older);
    const file = join(home, "bin/lib/guard.cjs");
    writeFileSync(file, readFileSync(file));
    const before = statSync(file).ino;
    expect(runIn(home, older)).toMatchObject({ status: 0, stderr: "" });
    expect(statSync(file).ino).toBe(before);
  });

  test.each([
    { what: "a pointer to nowhere", damage: (home: string) => point(home, "versions/0.0.0+gone") },
    { what: "no pointer", damage: (home: string) => rmSync(join(home, "bin")) },
    { what: "a half-removed version", damage: (home: string) => rmSync(join(home, "bin/.version")) },
    { what: "no versions", damage: (home: string) => rmSync(join(home, "versions"), { recursive: true }) },
  ])("$what is mended", ({ damage }) => {
    const home = freshHome();
    runIn(home, older);
    damage(home);
    expect(runIn(home, older).status).toBe(0);
    expect(readFileSync(join(home, "bin/.version"), "utf8")).toMatch(/^1\.2\.0\+/);
  });

  test("damage that hides its size and time is found and repaired by a full look", () => {
    const home = freshHome();
    runIn(home, older);
    const file = join(home, "bin/lib/guard.cjs");
    const before = statSync(file);
    flipByte(file);
    spawnSync("touch", ["-d", before.mtime.toISOString(), file]);
    const verified = JSON.parse(runIn(home, older, "verify").stdout);
    expect(verified.damaged).toEqual([{ path: "lib/guard.cjs", state: "changed" }]);
    expect(JSON.parse(runIn(home, older, "repair").stdout)).toEqual(["lib/guard.cjs"]);
    expect(JSON.parse(runIn(home, older, "verify").stdout).damaged).toEqual([]);
  });

  test.each(["lib/server.cjs", "extract.cjs"])("a flipped byte of %s inside the executable is refused", (asset) => {
    const home = freshHome();
    const run = runIn(home, placeDamagedCopy(older, join(folder, "damaged"), asset));
    expectExtractionFailure(run, home, /corrupt|checksum|match/i);
    expect(existsSync(join(home, "bin"))).toBe(false);
    expect(existsSync(join(home, "versions")) ? versionsIn(home) : []).toEqual([]);
  });

  test("killed at any moment of a first run, the next one works and leaves no litter", async () => {
    for (let round = 0; round < 12; round++) {
      const home = freshHome();
      const env = { STIGMER_HOME: home };
      const starts = [1, 2].map(() => startExecutable(older, { env }));
      await new Promise((elapsed) => setTimeout(elapsed, 15 + 4 * round));
      for (const { child } of starts) child.kill("SIGKILL");
      await Promise.all(starts.map(({ ended }) => ended));
      expect(runIn(home, older)).toMatchObject({ status: 0 });
      expect(JSON.parse(runIn(home, older, "verify").stdout).damaged).toEqual([]);
      expect(readdirSync(home).sort()).toEqual([".extract.lock", "bin", "cache", "versions"]);
      expect(versionsIn(home)).toHaveLength(1);
      rmSync(home, { recursive: true });
    }
  });
});

describe("a home that cannot be used", () => {
  const isRoot = process.getuid?.() === 0;
  const canBecomeNobody = isRoot && spawnSync("true", { uid: NOBODY, gid: NOBODY }).status === 0;
  const canMount = isRoot && spawnSync("unshare", ["--mount", "true"]).status === 0;

  test("that is a file", () => {
    const home = freshHome();
    writeFileSync(home, "");
    expectExtractionFailure(runIn(home, older), home, /is a file, not a folder/);
  });

  test("that lies below a file", () => {
    const home = freshHome();
    writeFileSync(home, "");
    expectExtractionFailure(runIn(join(home, "x/y"), older), join(home, "x/y"), /ENOTDIR/);
  });

  test("that lies below /proc", () => {
    expectExtractionFailure(runIn("/proc/stigmer/home", older), "/proc/stigmer/home", /cannot write/);
  });

  test.runIf(!isRoot || canBecomeNobody)("that is read-only", () => {
    const home = freshHome();
    mkdirSync(home);
    if (isRoot) chownSync(home, NOBODY, NOBODY);
    chmodSync(home, 0o555);
    expectExtractionFailure(runAsNobody(home), home, /permission denied \(EACCES\)/);
  });

  test.runIf(canBecomeNobody)("that belongs to another user", () => {
    const home = freshHome();
    mkdirSync(home);
    chmodSync(home, 0o777);
    expectExtractionFailure(runAsNobody(home), home, /belongs to user 0, this command runs as user 65534/);
  });

  test.runIf(canMount)("that is full", () => {
    const home = freshHome();
    mkdirSync(home);
    expectExtractionFailure(runMounted(home, "size=1m"), home, /no space left/);
  });

  test.runIf(canMount)("that starts no programs", () => {
    const home = freshHome();
    mkdirSync(home);
    expectExtractionFailure(runMounted(home, "noexec,size=400m"), home, /noexec/);
  });

  test.runIf(canMount)("that is mounted read-only", () => {
    const home = freshHome();
    mkdirSync(home);
    expectExtractionFailure(runMounted(home, "ro,size=1m"), home, /read-only/);
  });

  function runAsNobody(home: string) {
    const uid = isRoot ? { uid: NOBODY } : {};
    return runExecutable(older, { env: { STIGMER_HOME: home }, ...uid });
  }

  function runMounted(home: string, options: string) {
    const script = `mount -t tmpfs -o ${options} none "$STIGMER_HOME" && exec "$0"`;
    return runExecutable("unshare", { args: ["--mount", "sh", "-c", script, older], env: { STIGMER_HOME: home } });
  }
});

function expectExtractionFailure(run: ReturnType<typeof runExecutable>, home: string, details: RegExp): void {
  const lines = run.stderr.split("\n");
  expect(lines[0]).toBe("Error: Failed to extract embedded binaries");
  expect(lines[2]).toMatch(/^Details: ./);
  expect(lines[2]).toMatch(details);
  expect(run.stderr).toContain(`- Permissions issue with ${home} directory\n`);
  expect(run.status).toBe(74);
  expect(run.stdout).toBe("");
}

function manifestOf(home: string): { files: { path: string; sha256: string }[] } {
  return JSON.parse(readFileSync(join(home, "bin/manifest.json"), "utf8"));
}

function digestOf(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

function flipByte(file: string): void {
  const bytes = readFileSync(file);
  bytes.writeUInt8(bytes.readUInt8(10) ^ 1, 10);
  writeFileSync(file, bytes);
}

/** Another file takes the name, as a package manager would do it; writing in place would hit all links of the file. */
function replace(file: string, content: string): void {
  writeFileSync(`${file}.new`, content, { mode: 0o755 });
  renameSync(`${file}.new`, file);
}

function point(home: string, target: string): void {
  rmSync(join(home, "bin"));
  symlinkSync(target, join(home, "bin"));
}
