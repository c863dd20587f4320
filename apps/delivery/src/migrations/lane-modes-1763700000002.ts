import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What order by key and catch-up need of parked deliveries, and what is known of failed ones beside the head of a lane. */
export class LaneModes1763700000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE delivery.parked ADD COLUMN ordering_key text NOT NULL DEFAULT '', ADD COLUMN catch_up boolean NOT NULL DEFAULT false`);
    // A key is drained in offset order.
    await runner.query(`CREATE INDEX parked_key ON delivery.parked (partition, hook_id, ordering_key, "offset") WHERE ordering_key <> ''`);
    // Among a million that wait, those that go out before them.
    await runner.query('CREATE INDEX parked_catch_up ON delivery.parked (partition, hook_id, "offset") WHERE catch_up');
    await runner.query(`
      CREATE TABLE delivery.lane_heads (
        partition int NOT NULL,
        hook_id text NOT NULL,
        "offset" bigint NOT NULL,
        tenant_id text NOT NULL,
        state text NOT NULL,
        PRIMARY KEY (partition, hook_id, "offset")
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE delivery.lane_heads');
    await runner.query('DROP INDEX delivery.parked_key, delivery.parked_catch_up');
    await runner.query('ALTER TABLE delivery.parked DROP COLUMN ordering_key, DROP COLUMN catch_up');
  }
}
