const FILE = "function.yaml";

/** A function of a catalog, by its name and version. */
export interface CatalogedFunction {
  readonly name: string;
  readonly version: string;
  readonly catalog: string;
}

/** Reads `name:version` and `name:version@catalog`; without a catalog it is the runtime's own, `default`. */
export function readCatalogedFunction(call: string): CatalogedFunction | undefined {
  const match = /^([^\s:@/]+):([^\s:@/]+)(?:@([^\s@]+))?$/.exec(call);
  if (match === null) return undefined;
  const [, name = "", version = "", catalog = "default"] = match;
  return { name, version, catalog };
}

/**
 * Where a catalog keeps the definition of a function. Pages of GitHub and GitLab become the raw files behind them.
 *
 * @see DSL 1.0.3, "Catalogs"
 */
export function catalogAddress(root: string, { name, version }: CatalogedFunction): string {
  const base = root.replace(/\/+$/, "");
  return rawAddress(`${base}/functions/${name}/${version}/${FILE}`, base);
}

/**
 * Where the definition of a function is that is called by its URL: the file itself, or `function.yaml` in the folder.
 * `https://github.com/owner/repository/path@tag` names a tag or branch.
 */
export function functionAddress(url: string): string {
  const tagged = /^https:\/\/github\.com\/([^/]+)\/([^/@]+)\/([^@]+)@([^@/]+)$/.exec(url);
  if (tagged !== null) {
    const [, owner, repository, path, tag] = tagged;
    return withFile(`https://raw.githubusercontent.com/${owner}/${repository}/${tag}/${path}`);
  }
  return rawAddress(withFile(url), url);
}

function withFile(url: string): string {
  return /\.(?:ya?ml|json)$/.test(url) ? url : `${url.replace(/\/+$/, "")}/${FILE}`;
}

/** `page` is the address that was written: without a branch in it, GitHub's default branch is meant. */
function rawAddress(url: string, page: string): string {
  const github = /^https:\/\/github\.com\/([^/]+)\/([^/]+)\/(?:tree|blob|raw)\/(.+)$/.exec(url);
  if (github !== null) return `https://raw.githubusercontent.com/${github[1]}/${github[2]}/${github[3]}`;
  const root = /^https:\/\/github\.com\/([^/]+)\/([^/]+)/.exec(page);
  if (root !== null) return url.replace(root[0], `https://raw.githubusercontent.com/${root[1]}/${root[2]}/HEAD`);
  return url.replace(/^(https:\/\/gitlab\.com\/.+)\/-\/(?:tree|blob)\//, "$1/-/raw/");
}
