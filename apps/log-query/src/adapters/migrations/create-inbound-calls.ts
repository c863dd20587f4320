import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Calls from outside, accepted and refused, by day like events. The key is the place in the log: what is read again changes nothing. */
export class CreateInboundCalls1795000000030 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE log_query.inbound_calls');
  }
}

const statements = [
  `CREATE TABLE log_query.inbound_calls (
    at_ms bigint NOT NULL, log_offset bigint NOT NULL, log_partition int NOT NULL,
    tenant_id text COLLATE "C" NOT NULL, call_id text COLLATE "C" NOT NULL, endpoint text COLLATE "C" NOT NULL, source_id text COLLATE "C" NOT NULL, outcome text COLLATE "C" NOT NULL,
    record bytea STORAGE EXTERNAL NOT NULL,
    PRIMARY KEY (log_partition, log_offset, at_ms)
  ) PARTITION BY RANGE (at_ms)`,
  `CREATE INDEX inbound_calls_by_time ON log_query.inbound_calls (tenant_id, at_ms, log_offset, log_partition)`,
  `CREATE INDEX inbound_calls_by_id ON log_query.inbound_calls (call_id)`,
];
