import type { RunnerFrame, ServerFrame } from "@stigmer/api";

/** One stream to the server; frames arrive in order or not at all. */
export interface Channel {
  send(frame: RunnerFrame): void;
  /** Ends the stream after what was sent; resolves when it is over. */
  close(): Promise<void>;
}

/** What a channel tells its owner. */
export interface ChannelListener {
  onFrame(frame: ServerFrame): void;
  /** The stream is over, for whatever reason; called once. */
  onClose(error?: unknown): void;
}

/** Opens a stream; a failure to connect is a close. The listener is never called before this has returned. */
export type OpenChannel = (listener: ChannelListener) => Channel;
