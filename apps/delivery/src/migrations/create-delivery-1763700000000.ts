import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Progress with its lease, unhealthy lanes, parked deliveries. */
export class CreateDelivery1763700000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // A few rows that change four times a second: room for the new version beside the old one keeps them out of the indexes.
    await runner.query(`
      CREATE TABLE delivery.progress (
        partition int PRIMARY KEY,
        owner text,
        epoch bigint NOT NULL DEFAULT 0,
        lease_until timestamptz,
        renewals bigint NOT NULL DEFAULT 0,
        low_watermark bigint,
        marks text NOT NULL DEFAULT '{}',
        outcomes_from bigint NOT NULL DEFAULT 0
      ) WITH (fillfactor = 10)`);
    await runner.query(`
      CREATE TABLE delivery.lanes (
        partition int NOT NULL,
        hook_id text NOT NULL,
        tenant_id text NOT NULL,
        state text NOT NULL,
        unpublished bytea,
        updated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (partition, hook_id)
      ) WITH (fillfactor = 50)`);
    await runner.query(`
      CREATE TABLE delivery.parked_events (
        partition int NOT NULL,
        "offset" bigint NOT NULL,
        tenant_id text NOT NULL,
        event_id text NOT NULL,
        trigger text NOT NULL,
        replay_id text NOT NULL,
        event bytea NOT NULL,
        PRIMARY KEY (partition, "offset")
      )`);
    await runner.query('ALTER TABLE delivery.parked_events ALTER COLUMN event SET STORAGE EXTERNAL');
    await runner.query(`
      CREATE TABLE delivery.parked (
        partition int NOT NULL,
        "offset" bigint NOT NULL,
        hook_id text NOT NULL,
        tenant_id text NOT NULL,
        hook_version bigint NOT NULL,
        event_bytes int NOT NULL,
        accepted_at_ms bigint NOT NULL,
        PRIMARY KEY (partition, "offset", hook_id)
      )`);
    // A lane is drained in offset order.
    await runner.query('CREATE INDEX parked_lane ON delivery.parked (partition, hook_id, "offset")');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE delivery.parked, delivery.parked_events, delivery.lanes, delivery.progress');
  }
}
