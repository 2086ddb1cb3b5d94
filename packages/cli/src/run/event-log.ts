import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { Event } from "@stigmer/api";
import type { LoggedEvent } from "@stigmer/interpreter";

/** An event of the API as the report takes it. */
export function toLoggedEvent(event: Event): LoggedEvent {
  return {
    type: event.type,
    atMs: event.at ? timestampDate(event.at).getTime() : 0,
    data: (event.data ?? {}) as LoggedEvent["data"],
  };
}
