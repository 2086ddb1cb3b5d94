import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  EventBatchSchema,
  InboxItemSchema,
  JournalEntrySchema,
  LeaseSchema,
  ParkSchema,
  ReleaseSchema,
  ReportedEventSchema,
  TokenDeltaSchema,
  WorkRequestSchema,
  WorkResponseSchema,
} from "@stigmer/api";

/** A frame to the server. */
export type RunnerFrame = MessageInitShape<typeof WorkRequestSchema>;
/** A frame from the server, as it comes off the wire or as a plain object. */
export type ServerFrame = MessageInitShape<typeof WorkResponseSchema>;
/** A journal entry on the wire. */
export type EntryFrame = MessageInitShape<typeof JournalEntrySchema>;
/** A reported line on the wire. */
export type EventFrame = MessageInitShape<typeof ReportedEventSchema>;
/** Reported lines that no entry followed. */
export type EventBatchFrame = MessageInitShape<typeof EventBatchSchema>;
/** A wish to park. */
export type ParkFrame = MessageInitShape<typeof ParkSchema>;
/** A lease that goes back. */
export type ReleaseFrame = MessageInitShape<typeof ReleaseSchema>;
/** Model text. */
export type TokenFrame = MessageInitShape<typeof TokenDeltaSchema>;
/** A lease on the wire. */
export type LeaseFrame = MessageInitShape<typeof LeaseSchema>;
/** One inbox item on the wire. */
export type ItemFrame = MessageInitShape<typeof InboxItemSchema>;
