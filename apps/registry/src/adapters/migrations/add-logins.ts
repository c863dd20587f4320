import type { MigrationInterface, QueryRunner } from 'typeorm';

/** User names, and what logins and signatures are looked up by. */
export class AddLogins1763700000011 implements MigrationInterface {
  name = 'AddLogins1763700000011';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE registry.users ADD COLUMN user_name text COLLATE "C", ADD CONSTRAINT users_user_name UNIQUE (tenant_id, user_name)');
    await runner.query(`CREATE INDEX memberships_of_user ON registry.memberships (tenant_id, (state -> 'facts' ->> 'user'))`);
    await runner.query(`CREATE INDEX api_keys_recoverable ON registry.api_keys (tenant_id, id) WHERE state ? 'sealedKey'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX registry.api_keys_recoverable');
    await runner.query('DROP INDEX registry.memberships_of_user');
    await runner.query('ALTER TABLE registry.users DROP COLUMN user_name');
  }
}
