import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Small numbers for what dialect APIs show, also for what was made before there were any: in the order in which it was made. */
export class CreateNumbers1763700000010 implements MigrationInterface {
  name = 'CreateNumbers1763700000010';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE registry.numbers (
        tenant_id text COLLATE "C" NOT NULL,
        kind text COLLATE "C" NOT NULL,
        id text COLLATE "C" NOT NULL,
        number integer NOT NULL,
        PRIMARY KEY (tenant_id, kind, id),
        UNIQUE (tenant_id, kind, number)
      )`);
    await runner.query(`
      INSERT INTO registry.numbers (tenant_id, kind, id, number)
      SELECT tenant_id, kind, id, row_number() OVER (PARTITION BY tenant_id, kind ORDER BY first) FROM (
        SELECT split_part(stream_id, '/', 2) AS tenant_id, split_part(stream_id, '/', 3) AS id, min(id) AS first,
          CASE type WHEN 'HookCreated' THEN 'hook/' || min(data ->> 'dialect') WHEN 'ProjectCreated' THEN 'project' ELSE 'user' END AS kind
        FROM registry.events WHERE type IN ('HookCreated', 'ProjectCreated', 'UserCreated') GROUP BY stream_id, type
      ) made`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE registry.numbers');
  }
}
