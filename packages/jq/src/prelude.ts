/** Built-in functions that are written in jq itself. */
export const PRELUDE = `
def values: select(. != null);
def nulls: select(. == null);
def booleans: select(type == "boolean");
def numbers: select(type == "number");
def strings: select(type == "string");
def arrays: select(type == "array");
def objects: select(type == "object");
def iterables: select(type | . == "array" or . == "object");
def scalars: select(type | . != "array" and . != "object");
def finites: select(isinfinite or isnan | not);
def normals: select(isnormal);
def map_values(f): .[] |= f;
def first: .[0];
def last: .[-1];
def nth($n): .[$n];
def in(xs): . as $key | xs | has($key);
def inside(xs): . as $inner | xs | contains($inner);
def combinations:
  if length == 0 then [] else .[0][] as $head | (.[1:] | combinations) as $tail | [$head] + $tail end;
def combinations(n): . as $set | [range(n)] | map($set) | combinations;
def walk(f): def w: if type == "object" then map_values(w) elif type == "array" then map(w) else . end | f; w;
def transpose: (map(length) | max // 0) as $width | [range($width) as $column | [.[][$column]]];
def with_entries(f): to_entries | map(f) | from_entries;
def todate: strftime("%Y-%m-%dT%H:%M:%SZ");
def fromdateiso8601: strptime("%Y-%m-%dT%H:%M:%SZ") | mktime;
def todateiso8601: strftime("%Y-%m-%dT%H:%M:%SZ");
def fromdate: fromdateiso8601;
def date: todate;
def dateadd(u; n): . + n;
def datesub(u; n): . - n;
def isvalid(f): try (f | true) catch false;
def ascii: [.] | implode;
def paths: path(recurse) | select(length > 0);
def paths(node_filter): path(recurse | select(node_filter)) | select(length > 0);
def leaf_paths: paths(scalars);
def pick(pathexps): . as $root | reduce path(pathexps) as $path (null; setpath($path; $root | getpath($path)));
def del(f): delpaths([path(f)]);
def tostream:
  path(def r: (.[]? | r), .; r) as $path
  | getpath($path)
  | reduce path(.[]?) as $last ([$path, .]; [$path + $last]);
def fromstream(events):
  {value: null, done: false} as $start
  | foreach events as $event ($start;
      if .done then $start else . end
      | if $event | length == 2
        then setpath(["done"]; $event[0] | length == 0) | setpath(["value"] + $event[0]; $event[1])
        else setpath(["done"]; $event[0] | length == 1) end;
      if .done then .value else empty end);
def truncate_stream(stream):
  . as $depth | null | stream | . as $event
  | if (.[0] | length) > $depth then setpath([0]; .[0][$depth:]) else empty end;
def INDEX(stream; key): reduce stream as $row ({}; .[$row | key | tostring] |= $row);
def INDEX(key): INDEX(.[]; key);
def IN(source): any(source == .; .);
def IN(source; set): any(source == set; .);
def GROUP_BY(f): group_by(f);
def JOIN($index; key): [.[] | [., $index[key]]];
def JOIN($index; stream; key): stream | [., $index[key]];
def JOIN($index; stream; key; joined): stream | [., $index[key]] | joined;
def capture($re): capture($re; null);
def test($re): test($re; null);
def match($re): match($re; null);
def scan($re): scan($re; null);
def splits($re): splits($re; null);
def splits($re; flags): split($re; flags) | .[];
def sub($re; str): sub($re; str; "");
def gsub($re; str): sub($re; str; "g");
def gsub($re; str; $flags): sub($re; str; $flags + "g");
def halt_error: halt_error(5);
def debug(message): (message | debug | empty), .;
`;
