import { Agent, request } from "node:http";

const agent = new Agent({ keepAlive: true });

/** One POST whose answer is the step's result. */
export function post(address, step) {
  return new Promise((resolve, reject) => {
    const call = request(
      address,
      { method: "POST", agent, headers: { "content-type": "application/json" } },
      (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (chunk) => (text += chunk));
        answer.on("end", () => resolve(JSON.parse(text)));
      },
    );
    call.on("error", reject);
    call.end(JSON.stringify({ step }));
  });
}
