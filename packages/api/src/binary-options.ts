/**
 * How both ends read messages. A JSON value of depth n takes up to 3n levels of messages, and the library's own limit of
 * 100 would make a value of depth 34 unreadable.
 */
export const BINARY_OPTIONS = { recursionLimit: 2_000 } as const;
