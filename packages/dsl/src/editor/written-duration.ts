import { choice, integer, optional, plainText, record } from "../grammar/shape.ts";

/** A duration without expressions: ISO 8601 or parts. */
export const DURATION_AS_WRITTEN = choice({
  text: plainText("duration"),
  map: record(
    "duration",
    [
      optional("days", integer(), "Number of days."),
      optional("hours", integer(), "Number of hours."),
      optional("minutes", integer(), "Number of minutes."),
      optional("seconds", integer(), "Number of seconds."),
      optional("milliseconds", integer(), "Number of milliseconds."),
    ],
    { minimum: 1 },
  ),
});
