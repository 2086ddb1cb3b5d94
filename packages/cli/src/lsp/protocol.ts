/** A place as the protocol counts it: lines and UTF-16 units from 0. */
export interface LspPosition {
  readonly line: number;
  readonly character: number;
}

/** A piece of a text. */
export interface LspRange {
  readonly start: LspPosition;
  readonly end: LspPosition;
}

/** A problem as editors show it. */
export interface LspDiagnostic {
  readonly range: LspRange;
  /** 1 error, 2 warning. */
  readonly severity: 1 | 2;
  readonly code: string;
  readonly source: "stigmer";
  readonly message: string;
  readonly data?: { readonly replacement: string };
}

/** Codes of errors. @see JSON-RPC 2.0, section 5.1, and LSP 3.17, "ErrorCodes" */
export const RPC_ERRORS = {
  parse: -32_700,
  invalidRequest: -32_600,
  methodNotFound: -32_601,
  invalidParams: -32_602,
  internal: -32_603,
  notInitialized: -32_002,
} as const;

/** An answer that is an error. */
export class RpcError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}
