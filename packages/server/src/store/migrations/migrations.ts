import { engineMigration } from "./0001-engine.ts";
import { resourceMigration } from "./0002-resources.ts";
import { scheduleMigration } from "./0003-schedules.ts";
import { decisionMigration } from "./0004-decisions.ts";
import type { Migration } from "./migration.ts";

/** All steps of the schema, in order. A new one is a file and a line here. */
export const migrations: readonly Migration[] = [
  engineMigration,
  resourceMigration,
  scheduleMigration,
  decisionMigration,
];
