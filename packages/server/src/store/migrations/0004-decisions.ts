import type { Migration } from "./migration.ts";

/**
 * Where the questions to people stand in the event logs of executions that have not ended, and what was decided. Times are
 * epoch ms.
 */
export const decisionMigration: Migration = {
  id: "0004-decisions",
  up: (db) => db.exec(SCHEMA),
};

const SCHEMA = `
create table question(
  execution integer not null,
  seq integer not null,
  primary key(execution, seq)
) without rowid;

create table decision(
  execution integer not null,
  task text not null,
  digest text not null,
  at integer not null,
  primary key(execution, task)
) without rowid;

-- Data that is large stands elsewhere; whoever reads the question looks whether it is one.
create trigger question_asked after insert on event
  when new.type = 'task.waiting' and (new.data is null or json_extract(new.data, '$.for') = 'decision')
begin
  insert into question(execution, seq) values (new.execution, new.seq);
end;

create trigger question_over after update of phase on execution
  when new.phase in (6, 7, 8) and old.phase not in (6, 7, 8)
begin
  delete from question where execution = new.no;
end;

create trigger decision_removed after delete on execution begin
  delete from decision where execution = old.no;
end;
`;
