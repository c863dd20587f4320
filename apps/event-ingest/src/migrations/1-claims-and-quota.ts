import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ClaimsAndQuota1763730000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Each claim is written twice (claimed, settled); room in the page and no index over what changes keep the second write in place.
    await runner.query(`
      CREATE TABLE event_ingest.claims (
        tenant_id text NOT NULL,
        claim_key text NOT NULL,
        request_hash bytea NOT NULL,
        event_id text NOT NULL,
        accepted_at_ms bigint NOT NULL,
        owner text NOT NULL,
        lease_until timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        settled boolean NOT NULL,
        PRIMARY KEY (tenant_id, claim_key)
      ) WITH (fillfactor = 70)`);
    await runner.query('CREATE INDEX claims_expiry ON event_ingest.claims (expires_at)');
    await runner.query(`
      CREATE TABLE event_ingest.quota_buckets (
        tenant_id text PRIMARY KEY,
        tokens double precision NOT NULL,
        refilled_at timestamptz NOT NULL,
        events_per_second double precision NOT NULL,
        burst double precision NOT NULL,
        granted double precision NOT NULL
      ) WITH (fillfactor = 10)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE event_ingest.quota_buckets');
    await runner.query('DROP TABLE event_ingest.claims');
  }
}
