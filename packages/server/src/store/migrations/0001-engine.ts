import type { Migration } from "./migration.ts";

/**
 * Tables of the embedded engine. `execution.no` never leaves server and runners and is never used twice. Times are epoch
 * ms. A value stands either in its text column or, above 2 KB, behind the digest in the column beside it.
 */
export const engineMigration: Migration = {
  id: "0001-engine",
  up: (db) => db.exec(SCHEMA),
};

const SCHEMA = `
create table execution(
  no integer primary key autoincrement,
  id text not null unique,
  program text not null,
  program_version integer not null,
  namespace text not null,
  kind text not null,
  name text not null,
  version text not null,
  revision integer not null,
  definition text not null,
  digest text not null,
  environment text not null,
  session text not null,
  workspace text not null,
  labels text not null,
  input text,
  input_blob text,
  state integer not null,
  phase integer not null,
  reason text not null default '',
  message text not null default '',
  epoch integer not null default 0,
  instance text not null default '',
  deaths integer not null default 0,
  last_seq integer not null default 0,
  last_event integer not null default 0,
  reported integer not null default 0,
  inbox_last integer not null default 0,
  inbox_seen integer not null default 0,
  cancelling integer not null default 0,
  paused integer not null default 0,
  due_at integer,
  output text,
  output_blob text,
  error text,
  error_blob text,
  parent integer,
  parent_key text not null default '',
  awaited integer not null default 0,
  depth integer not null default 0,
  created_at integer not null,
  started_at integer,
  ended_at integer
);
create index execution_ready on execution(no) where state = 0;
create index execution_phase on execution(phase);
create index execution_target on execution(namespace, kind, name, no);
create index execution_parent on execution(parent) where parent is not null;
create index execution_session on execution(session) where session <> '';
create index execution_ended on execution(ended_at) where ended_at is not null;

create table journal(
  execution integer not null,
  seq integer not null,
  at integer not null,
  kind text not null,
  key text not null,
  body text,
  blob text,
  primary key(execution, seq)
) without rowid;

create table event(
  execution integer not null,
  seq integer not null,
  at integer not null,
  type text not null,
  data text,
  blob text,
  primary key(execution, seq)
) without rowid;

create table inbox(
  execution integer not null,
  n integer not null,
  at integer not null,
  kind text not null,
  data text,
  blob text,
  dedupe text,
  primary key(execution, n)
) without rowid;
create unique index inbox_dedupe on inbox(execution, dedupe) where dedupe is not null;

create table timer(
  due_at integer not null,
  execution integer not null,
  primary key(due_at, execution)
) without rowid;

create table subscription(
  execution integer not null,
  n integer not null,
  type text not null,
  filter text not null,
  primary key(execution, n)
) without rowid;
create index subscription_type on subscription(type, execution);

create table published(
  no integer primary key autoincrement,
  source text not null,
  id text not null,
  at integer not null,
  event text,
  blob text,
  delivered integer not null,
  unique(source, id)
);
create index published_at on published(at);

create table blob(
  digest text not null unique,
  size integer not null,
  at integer not null,
  content blob
);

create table blob_ref(
  digest text not null,
  execution integer not null,
  primary key(digest, execution)
) without rowid;
create index blob_ref_execution on blob_ref(execution);

create table idempotency(
  namespace text not null,
  method text not null,
  key text not null,
  digest text not null,
  answer text not null,
  execution integer,
  at integer not null,
  primary key(namespace, method, key)
) without rowid;
create index idempotency_at on idempotency(at);
`;
