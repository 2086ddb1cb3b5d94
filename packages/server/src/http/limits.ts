/** Bounds of every listener. Sizes in bytes, times in milliseconds. */
export const LIMITS = {
  /** One message, after decompression. */
  messageBytes: 16 * 1024 * 1024,
  /** One applied document. */
  documentBytes: 1024 * 1024,
  /** Open connections of one listener. */
  connections: 1024,
  /** Open streams of one HTTP/2 connection. */
  streamsPerConnection: 256,
  /** From the connection to its first three bytes. */
  peekMs: 10_000,
  /** From the first byte of an HTTP/1.1 request to the end of its headers. */
  headersMs: 10_000,
  /** From the first byte of an HTTP/1.1 request to its last. */
  requestMs: 60_000,
  /** An HTTP/2 connection that has not opened a stream yet. */
  firstStreamMs: 10_000,
  /** A connection without any open request. */
  idleMs: 300_000,
  /** All request headers together. */
  headerBytes: 16 * 1024,
} as const;
