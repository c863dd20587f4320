import { eventTablesUp } from '@hooklane/event-sourcing/postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const AGGREGATE_COLUMNS = `
  tenant_id text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  version integer NOT NULL,
  status text NOT NULL,
  state jsonb NOT NULL`;

/** Collation "C": pages go by bytes, whatever the server's language, and by the index of the primary key. */
export class CreateRegistry1763700000000 implements MigrationInterface {
  name = 'CreateRegistry1763700000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of eventTablesUp('registry')) await runner.query(statement);
    for (const table of ['tenants', 'api_keys', 'hooks', 'event_types', 'users', 'memberships']) {
      await runner.query(`CREATE TABLE registry.${table} (${AGGREGATE_COLUMNS}, PRIMARY KEY (tenant_id, id))`);
    }
    await runner.query(`CREATE TABLE registry.projects (${AGGREGATE_COLUMNS}, key text, PRIMARY KEY (tenant_id, id), CONSTRAINT projects_key UNIQUE (tenant_id, key))`);
    await runner.query(`
      CREATE TABLE registry.idempotent_answers (
        tenant_id text NOT NULL,
        key text NOT NULL,
        fingerprint text NOT NULL,
        sealed_answer bytea NOT NULL,
        event_id bigint NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, key)
      )`);
    await runner.query('CREATE INDEX idempotent_answers_age ON registry.idempotent_answers (created_at)');
    await runner.query(`
      CREATE TABLE registry.hook_health (
        hook_id text PRIMARY KEY,
        owner_epoch bigint NOT NULL,
        owner_sequence bigint NOT NULL,
        enabled_epoch bigint NOT NULL,
        is_failing boolean NOT NULL,
        failure_count integer NOT NULL,
        last_error_at_ms bigint NOT NULL,
        last_error_code text NOT NULL,
        last_error_sentence text NOT NULL,
        last_error_status integer NOT NULL,
        last_success_at_ms bigint NOT NULL
      ) WITH (fillfactor = 70)`);
    await runner.query('CREATE TABLE registry.outcome_positions (partition integer PRIMARY KEY, next_offset bigint NOT NULL)');
    await runner.query('CREATE TABLE registry.key_uses (key_id text PRIMARY KEY, used_at_ms bigint NOT NULL)');
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['key_uses', 'outcome_positions', 'hook_health', 'idempotent_answers', 'projects', 'memberships', 'users', 'event_types', 'hooks', 'api_keys', 'tenants', 'relays', 'events']) {
      await runner.query(`DROP TABLE registry.${table}`);
    }
  }
}
