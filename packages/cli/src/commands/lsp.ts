import { CLI_EXIT, CliError } from "../cli-error.ts";
import type { CommandCall } from "../command.ts";
import { createLanguageServer } from "../lsp/language-server.ts";
import { createMessageReader, frameMessage } from "../lsp/message-stream.ts";

/** Serves an editor over standard input and output until it says exit or goes away. */
export async function run(call: CommandCall): Promise<number> {
  const outcome: { exitCode?: number } = {};
  const server = createLanguageServer({
    send: (message) => call.context.terminal.out(frameMessage(message)),
    onExit: (exitCode) => {
      outcome.exitCode ??= exitCode;
    },
  });
  const reader = createMessageReader();
  for await (const chunk of process.stdin) {
    for (const text of readMessages(reader, Buffer.from(chunk))) server.receive(text);
    if (outcome.exitCode !== undefined) break;
  }
  return outcome.exitCode ?? CLI_EXIT.ok;
}

function readMessages(reader: ReturnType<typeof createMessageReader>, chunk: Buffer): readonly string[] {
  try {
    return reader.read(chunk);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CliError({
      reason: "INVALID_INPUT",
      message: `Cannot read what the editor says: ${error.message}`,
      next: "stigmer lsp is started by an editor",
      exitCode: CLI_EXIT.usage,
      cause: error,
    });
  }
}
