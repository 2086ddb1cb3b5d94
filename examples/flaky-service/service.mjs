// A small stock service: the first two tries of every reservation fail with 503. Prints its address as one JSON line.
import { createServer } from "node:http";

const reservations = new Map();
const triesByKey = new Map();

const server = createServer(async (request, response) => {
  const answer = (status, body) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  };
  if (request.method === "GET") {
    const found = reservations.get(request.url?.split("/").at(-1));
    return found ? answer(200, found) : answer(404, { error: "no such reservation" });
  }
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { item, quantity } = JSON.parse(Buffer.concat(chunks).toString());
  const key = request.headers["idempotency-key"] ?? item;
  const tries = (triesByKey.get(key) ?? 0) + 1;
  triesByKey.set(key, tries);
  if (tries <= 2) return answer(503, { error: "the shelf is being counted" });
  const id = `r-${reservations.size + 1}`;
  reservations.set(id, { id, item, quantity, attempts: tries });
  answer(201, reservations.get(id));
});

server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => {
  console.log(JSON.stringify({ address: `http://127.0.0.1:${server.address().port}` }));
});
process.on("SIGTERM", () => process.exit(0));
