// The same program on Restate: so many recorded steps, each a POST to the stub or nothing at all. argv: port
import * as restate from "@restatedev/restate-sdk";
import { post } from "./post.mjs";

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
