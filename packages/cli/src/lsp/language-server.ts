import { VERSION } from "@stigmer/lifecycle";
import { complete, hover, quickFixes, symbols } from "./answer-requests.ts";
import { diagnose } from "./diagnose.ts";
import { type OpenDocument, openDocument } from "./open-documents.ts";
import { RPC_ERRORS, RpcError } from "./protocol.ts";
import { changedText, objectOf, type Params, parseMessage, positionOf, rangeOf, textOf, uriOf } from "./read-params.ts";

/** A language server without its transport. */
export interface LanguageServer {
  /** Takes the text of one message. */
  receive(text: string): void;
}

/** How a server speaks. */
export interface LanguageServerParams {
  send(message: object): void;
  /** The client wants the process to end. */
  onExit(exitCode: 0 | 1): void;
}

/**
 * Serves definitions and test files to one editor.
 *
 * @see Language Server Protocol 3.17
 */
export function createLanguageServer(params: LanguageServerParams): LanguageServer {
  const session = new Session(params);
  return { receive: (text) => session.receive(text) };
}

const CAPABILITIES = {
  positionEncoding: "utf-16",
  textDocumentSync: { openClose: true, change: 1 },
  completionProvider: { triggerCharacters: [":", " ", "$", "-", "."] },
  hoverProvider: true,
  documentSymbolProvider: true,
  codeActionProvider: { codeActionKinds: ["quickfix"] },
};

/** Requests about an open document, by method; `otherwise` is the answer for one that is not open. */
const DOCUMENT_REQUESTS: ReadonlyMap<string, DocumentRequest> = new Map<string, DocumentRequest>([
  ["textDocument/completion", { otherwise: [], answer: (one, params) => complete(one, positionOf(params)) }],
  ["textDocument/hover", { otherwise: null, answer: (one, params) => hover(one, positionOf(params)) }],
  ["textDocument/documentSymbol", { otherwise: [], answer: symbols }],
  ["textDocument/codeAction", { otherwise: [], answer: (one, params) => quickFixes(one, rangeOf(params)) }],
]);

interface DocumentRequest {
  readonly otherwise: unknown;
  answer(document: OpenDocument, params: Params): unknown;
}

class Session {
  readonly #params: LanguageServerParams;
  readonly #documents = new Map<string, OpenDocument>();
  #phase: "new" | "running" | "shut down" = "new";

  constructor(params: LanguageServerParams) {
    this.#params = params;
  }

  receive(text: string): void {
    const message = parseMessage(text);
    if (message === undefined) {
      const error = { code: RPC_ERRORS.parse, message: "this is no JSON object" };
      return this.#params.send({ jsonrpc: "2.0", id: null, error });
    }
    const { id, method } = message;
    if (typeof method !== "string") return; // an answer; we ask nothing
    const params = objectOf(message.params);
    // Of a notification nobody can be told what is wrong with it.
    if (id === undefined) attempt(() => this.#hear(method, params));
    else this.#params.send({ jsonrpc: "2.0", id, ...attempt(() => this.#answer(method, params)) });
  }

  #hear(method: string, params: Params): void {
    if (method === "exit") return this.#params.onExit(this.#phase === "shut down" ? 0 : 1);
    if (this.#phase !== "running") return;
    const { text, version } = objectOf(params.textDocument);
    if (method === "textDocument/didOpen") this.#update(uriOf(params), textOf(text, "textDocument.text"), version);
    if (method === "textDocument/didChange") this.#update(uriOf(params), changedText(params), version);
    if (method === "textDocument/didClose") this.#close(uriOf(params));
  }

  #answer(method: string, params: Params): unknown {
    if (this.#phase === "new" && method !== "initialize") {
      throw new RpcError(RPC_ERRORS.notInitialized, "initialize comes first");
    }
    if (this.#phase === "shut down" || (this.#phase === "running" && method === "initialize")) {
      throw new RpcError(RPC_ERRORS.invalidRequest, `${method} cannot come now`);
    }
    if (method === "initialize") {
      this.#phase = "running";
      return { capabilities: CAPABILITIES, serverInfo: { name: "stigmer", version: VERSION } };
    }
    if (method === "shutdown") {
      this.#phase = "shut down";
      return null;
    }
    const request = DOCUMENT_REQUESTS.get(method);
    if (request === undefined) throw new RpcError(RPC_ERRORS.methodNotFound, `there is no method ${method}`);
    const document = this.#documents.get(uriOf(params));
    return document === undefined ? request.otherwise : request.answer(document, params);
  }

  #update(uri: string, text: string, version: unknown): void {
    const document = openDocument(uri, text);
    this.#documents.set(uri, document);
    this.#publish({ uri, ...(typeof version === "number" ? { version } : {}), diagnostics: diagnose(document) });
  }

  #close(uri: string): void {
    this.#documents.delete(uri);
    this.#publish({ uri, diagnostics: [] });
  }

  #publish(params: object): void {
    this.#params.send({ jsonrpc: "2.0", method: "textDocument/publishDiagnostics", params });
  }
}

function attempt(work: () => unknown): { readonly result: unknown } | { readonly error: object } {
  try {
    return { result: work() ?? null };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { error: { code: error instanceof RpcError ? error.code : RPC_ERRORS.internal, message } };
  }
}
