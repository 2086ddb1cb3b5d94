import type { ScriptOrder } from "./script-order.ts";

/** A Python program that runs the script as `__main__`, with its variables as globals and its lines in tracebacks. */
export function pythonProgram(order: ScriptOrder): string {
  const data = Buffer.from(JSON.stringify({ code: order.code, variables: order.variables })).toString("base64");
  return `import base64, json, linecache, sys
def _start():
    order = json.loads(base64.b64decode("${data}"))
    code = order["code"]
    linecache.cache["script.py"] = (len(code), None, code.splitlines(True), "script.py")
    sys.argv[0] = "script.py"
    scope = {"__name__": "__main__", "__builtins__": __builtins__, **order["variables"]}
    return compile(code, "script.py", "exec"), scope
_code, _scope = _start()
exec(_code, _scope)
`;
}
