import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What an owner that lets go in order had not yet cleared up after one that died; see docs/adr/0004. */
export class SuspectReleases1763700000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE delivery.progress ADD COLUMN suspect_below bigint NOT NULL DEFAULT 0');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE delivery.progress DROP COLUMN suspect_below');
  }
}
