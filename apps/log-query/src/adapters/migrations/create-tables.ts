import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What log-query keeps of the compacted topics, and what it remembers of dropped days. */
export class CreateTables1795000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE log_query.hook_versions, log_query.tenants, log_query.incidents, log_query.dropped_requests');
  }
}

const statements = [
  // Every version that was read, with the time the log took it: "the hook as of fan-out".
  `CREATE TABLE log_query.hook_versions (
    hook_id text COLLATE "C", version bigint, tenant_id text COLLATE "C" NOT NULL, at_ms bigint NOT NULL, record bytea NOT NULL,
    PRIMARY KEY (hook_id, version)
  )`,
  `CREATE TABLE log_query.tenants (tenant_id text COLLATE "C" PRIMARY KEY, version bigint NOT NULL, retention_days int NOT NULL, deleted boolean NOT NULL)`,
  `CREATE TABLE log_query.incidents (
    incident_id text COLLATE "C" PRIMARY KEY, place bigint NOT NULL, log_offset bigint NOT NULL, tenant_id text COLLATE "C" NOT NULL, raised_at_ms bigint NOT NULL, state text COLLATE "C" NOT NULL,
    claimed_by text NOT NULL DEFAULT '', claimed_at_ms bigint NOT NULL DEFAULT 0, record bytea NOT NULL
  )`,
  `CREATE INDEX incidents_by_time ON log_query.incidents (raised_at_ms, place)`,
  // Highest request offset among the dropped days of a partition: what is at or below it and not found has expired.
  `CREATE TABLE log_query.dropped_requests (request_partition int PRIMARY KEY, request_offset bigint NOT NULL)`,
];
