/**
 * Address of a file's own text where a GitHub or GitLab address shows a page around it; other addresses unchanged. A
 * repository without a branch means its default branch.
 *
 * @see DSL 1.0.3, "Catalogs"
 */
export function toRawAddress(uri: string): string {
  const url = URL.parse(uri);
  if (url?.hostname === "github.com") return toRawGitHub(url) ?? uri;
  if (url?.hostname === "gitlab.com") return uri.replace(/\/-\/(?:tree|blob)\//, "/-/raw/");
  return uri;
}

/**
 * Address of a function in a catalog.
 *
 * @param endpoint root of the catalog, such as `https://github.com/serverlessworkflow/catalog/tree/main`
 */
export function functionAddress(endpoint: string, name: string, version: string): string {
  const root = endpoint.replace(/\/+$/, "");
  const path = `functions/${encodeURIComponent(name)}/${encodeURIComponent(version)}/function.yaml`;
  if (/^https:\/\/github\.com\/[^/]+\/[^/]+$/.test(root)) return toRawAddress(`${root}/tree/HEAD/${path}`);
  const isBareGitLab = /^https:\/\/gitlab\.com\//.test(root) && !root.includes("/-/");
  return isBareGitLab ? `${root}/-/raw/HEAD/${path}` : toRawAddress(`${root}/${path}`);
}

function toRawGitHub(url: URL): string | undefined {
  const [owner, repository, kind, branch, ...path] = url.pathname.split("/").slice(1);
  if ((kind !== "tree" && kind !== "blob") || branch === undefined || path.length === 0) return undefined;
  const reference = branch === "HEAD" ? branch : `refs/heads/${branch}`;
  return `https://raw.githubusercontent.com/${owner}/${repository}/${reference}/${path.join("/")}`;
}
