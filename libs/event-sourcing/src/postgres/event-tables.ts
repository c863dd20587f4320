import type { EntityManager } from 'typeorm';

/** Only a name that we made up ourselves may stand in a statement as text. */
export function checkedSchema(schema: string): string {
  if (!/^[a-z][a-z_]*$/.test(schema)) throw new Error(`"${schema}" cannot be the name of a Postgres schema here.`);
  return schema;
}

/**
 * The statements that make the store's tables in `schema`; a service runs them in its first migration.
 * `id` is assigned under one lock (see PostgresEventStore), so a relay may follow it.
 */
export function eventTablesUp(schema: string): readonly string[] {
  const name = checkedSchema(schema);
  return [
    `CREATE TABLE ${name}.events (
       id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
       stream_id text NOT NULL,
       version integer NOT NULL CHECK (version > 0),
       type text NOT NULL,
       data jsonb NOT NULL,
       meta jsonb NOT NULL,
       UNIQUE (stream_id, version)
     )`,
    `CREATE TABLE ${name}.relays (
       name text PRIMARY KEY,
       position bigint NOT NULL DEFAULT 0,
       holder text NOT NULL DEFAULT '',
       lease_until timestamptz NOT NULL DEFAULT 'epoch'
     )`,
  ];
}

/** Held to the end of the transaction: one append, rebuild or repair of a schema's events at a time. */
export async function lockEvents(manager: EntityManager, schema: string): Promise<void> {
  await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${checkedSchema(schema)}.events`]);
}
