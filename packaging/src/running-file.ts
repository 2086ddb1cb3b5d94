/**
 * Path that reads the very file this process runs from. `process.execPath` is a name only: another file may have taken
 * it, and inside a role it names the link in the version folder.
 */
export const RUNNING_FILE = process.platform === "linux" ? "/proc/self/exe" : process.execPath;
