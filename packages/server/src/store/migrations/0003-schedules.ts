import type { Migration } from "./migration.ts";

/**
 * When workflows start by themselves. A row lives as long as the newest revision of its workflow has a schedule. Times are
 * epoch ms; absent texts are empty.
 */
export const scheduleMigration: Migration = {
  id: "0003-schedules",
  up: (db) => db.exec(SCHEMA),
};

const SCHEMA = `
create table schedule(
  resource integer primary key references resource(no) on delete cascade,
  spec text not null,
  next_due_at integer,
  after_ms integer,
  listens integer not null,
  listener text not null default '',
  last_due_at integer,
  last_execution text not null default '',
  last_error text not null default ''
);
create index schedule_due on schedule(next_due_at) where next_due_at is not null;
create index schedule_last on schedule(last_execution) where after_ms is not null;

-- Executions that listened for a schedule that is no more; they are cancelled and then forgotten here.
create table schedule_orphan(execution text primary key) without rowid;

create trigger schedule_dropped after delete on schedule when old.listener <> '' begin
  insert or ignore into schedule_orphan(execution) values (old.listener);
end;

create trigger schedule_changed after update of listener on schedule
  when old.listener <> '' and new.listener <> old.listener
begin
  insert or ignore into schedule_orphan(execution) values (old.listener);
end;

-- \`after\` counts from the end of the schedule's own last run, in the very transaction of that end.
create trigger schedule_again after update of phase on execution
  when new.phase in (6, 7, 8) and old.phase not in (6, 7, 8)
begin
  update schedule set next_due_at = min(coalesce(next_due_at, new.ended_at + after_ms), new.ended_at + after_ms)
    where after_ms is not null and last_execution = new.id;
end;
`;
