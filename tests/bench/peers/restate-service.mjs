// The same program on Restate: so many recorded steps, each a POST to the stub or nothing at all. argv: port
import { Agent, request } from "node:http";
import * as restate from "@restatedev/restate-sdk";

const agent = new Agent({ keepAlive: true });

/** One POST whose answer is the step's result. */
function post(address, step) {
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

const steps = restate.service({
  name: "steps",
  handlers: {
    run: async (ctx, input) => {
      const results = [];
      for (let at = 0; at < input.steps; at++) {
        results.push(await ctx.run(`step${at}`, async () => (input.address ? post(input.address, at) : { step: at })));
      }
      return results.length;
    },
  },
});

await restate.serve({ services: [steps], port: Number(process.argv[2]) });
console.log(JSON.stringify({ ready: true }));
process.stdin.on("end", () => process.exit(0)).resume();
