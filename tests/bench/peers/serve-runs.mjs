import { createServer } from "node:http";

/** Answers each POST of `{steps, address}` with the result of `run`, on a free port that it says in its first line. */
export function serveRuns(run) {
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    try {
      response.end(JSON.stringify(await run(JSON.parse(text))));
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: server.address().port })));
  process.stdin.on("end", () => process.exit(0)).resume();
}
