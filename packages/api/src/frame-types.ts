import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  EventBatchSchema,
  HelloSchema,
  InboxItemSchema,
  JournalEntrySchema,
  LeaseSchema,
  ParkSchema,
  ReleaseSchema,
  ReportedEventSchema,
  TokenDeltaSchema,
  WorkRequestSchema,
  WorkResponseSchema,
} from "./gen/stigmer/v1/runner_pb.ts";

/** A frame from a runner, as it comes off the wire or as a plain object. */
export type RunnerFrame = MessageInitShape<typeof WorkRequestSchema>;
/** A frame to a runner. */
export type ServerFrame = MessageInitShape<typeof WorkResponseSchema>;
/** First words of a stream. */
export type HelloFrame = MessageInitShape<typeof HelloSchema>;
/** A journal entry on the wire. */
export type EntryFrame = MessageInitShape<typeof JournalEntrySchema>;
/** A reported line on the wire. */
export type EventFrame = MessageInitShape<typeof ReportedEventSchema>;
/** Reported lines that no entry followed. */
export type EventBatchFrame = MessageInitShape<typeof EventBatchSchema>;
/** A wish to park. */
export type ParkFrame = MessageInitShape<typeof ParkSchema>;
/** A lease that comes back. */
export type ReleaseFrame = MessageInitShape<typeof ReleaseSchema>;
/** Model text. */
export type TokenFrame = MessageInitShape<typeof TokenDeltaSchema>;
/** A lease on the wire. */
export type LeaseFrame = MessageInitShape<typeof LeaseSchema>;
/** One inbox item on the wire. */
export type ItemFrame = MessageInitShape<typeof InboxItemSchema>;
