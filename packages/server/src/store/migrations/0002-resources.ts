import type { Migration } from "./migration.ts";

/**
 * Tables of resources, secrets and sessions. Times are epoch ms; labels and annotations are JSON objects of strings.
 * `resource.no` is never used twice, so an etag never repeats.
 */
export const resourceMigration: Migration = {
  id: "0002-resources",
  up: (db) => db.exec(SCHEMA),
};

const SCHEMA = `
create table resource(
  no integer primary key autoincrement,
  kind text not null,
  namespace text not null,
  name text not null,
  revision integer not null,
  created_at integer not null,
  updated_at integer not null,
  unique(kind, namespace, name)
);

create table revision(
  resource integer not null references resource(no) on delete cascade,
  revision integer not null,
  digest text not null,
  version text not null,
  labels text not null,
  annotations text not null,
  definition text not null,
  source text not null,
  at integer not null,
  primary key(resource, revision)
) without rowid;

create table reference(
  resource integer not null references resource(no) on delete cascade,
  kind text not null,
  namespace text not null,
  name text not null,
  primary key(resource, kind, namespace, name)
) without rowid;
create index reference_target on reference(kind, namespace, name);

create table secret(
  namespace text not null,
  environment text not null,
  name text not null,
  sealed blob not null,
  updated_at integer not null,
  primary key(namespace, environment, name)
) without rowid;

create table session(
  no integer primary key autoincrement,
  id text not null unique,
  namespace text not null,
  agent text not null,
  head text not null default '',
  head_execution integer not null default 0,
  created_at integer not null,
  updated_at integer not null
);
create index session_agent on session(namespace, agent, no);

create virtual table resource_fts using fts5(
  name, labels, body, kind unindexed, namespace unindexed, tokenize = 'porter unicode61', prefix = '2 3'
);
`;
