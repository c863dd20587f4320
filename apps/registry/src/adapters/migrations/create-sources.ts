import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Inbound sources. */
export class CreateSources1763700000020 implements MigrationInterface {
  name = 'CreateSources1763700000020';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE registry.sources (
        tenant_id text COLLATE "C" NOT NULL,
        id text COLLATE "C" NOT NULL,
        version integer NOT NULL,
        status text NOT NULL,
        state jsonb NOT NULL,
        PRIMARY KEY (tenant_id, id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE registry.sources');
  }
}
