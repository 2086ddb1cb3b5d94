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
  created_at integer not null,
  updated_at integer not null
);
create index session_agent on session(namespace, agent, no);

-- A session begins with its first turn and remembers what its last completed turn left, in the very transaction of
-- that turn. Its owner number in blob_ref is negative, so that its memory outlives the executions.
create trigger session_begin after insert on execution when new.session <> '' begin
  insert into session(id, namespace, agent, created_at, updated_at)
    values (new.session, new.namespace, new.name, new.created_at, new.created_at)
    on conflict(id) do update set updated_at = excluded.updated_at;
end;

create trigger session_remember after update of phase on execution
  when new.session <> '' and new.phase = 6 and old.phase <> 6
begin
  update session set updated_at = new.ended_at, head = coalesce(json_extract(
    coalesce(new.output, (select cast(content as text) from blob where digest = new.output_blob)), '$.session.headRef'), head)
    where id = new.session;
  insert or ignore into blob_ref(digest, execution)
    select b.digest, -s.no from blob_ref b join session s on s.id = new.session where b.execution = new.no;
end;

create virtual table resource_fts using fts5(
  name, labels, body, kind unindexed, namespace unindexed, tokenize = 'porter unicode61', prefix = '2 3'
);
`;
