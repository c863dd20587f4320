import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Replays, what they have selected and not yet made, and the stream of each partition (ADR 0004). They are no read models: a rebuild leaves them alone. */
export class CreateReplays1795000000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of up) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX log_query.deliveries_of_replay, log_query.unmatched_by_time');
    await runner.query('DROP TABLE log_query.replays, log_query.replay_items, log_query.replay_streams');
  }
}

const up = [
  `CREATE TABLE log_query.replays (
    replay_id text COLLATE "C" PRIMARY KEY, place bigint GENERATED ALWAYS AS IDENTITY, tenant_id text COLLATE "C" NOT NULL, kind text NOT NULL, state text NOT NULL,
    created_at_ms bigint NOT NULL, created_by text NOT NULL, reason text NOT NULL, changed_at_ms bigint NOT NULL, changed_by text NOT NULL, change_reason text NOT NULL DEFAULT '',
    selection text NOT NULL, goals text NOT NULL, rate_per_second float8, expired_before_ms bigint NOT NULL,
    hook_id text COLLATE "C" NOT NULL DEFAULT '', epoch bigint NOT NULL DEFAULT 0, request_partition int NOT NULL DEFAULT -1, command_offset bigint NOT NULL DEFAULT -1,
    is_selected boolean NOT NULL DEFAULT false, cursor text NOT NULL DEFAULT '', waits_for text NOT NULL DEFAULT '', next_at timestamptz NOT NULL DEFAULT '-infinity',
    selected bigint NOT NULL DEFAULT 0, produced bigint NOT NULL DEFAULT 0, expired bigint NOT NULL DEFAULT 0, already_pending bigint NOT NULL DEFAULT 0,
    is_closed boolean NOT NULL DEFAULT false, fates text NOT NULL DEFAULT ''
  )`,
  `CREATE INDEX replays_by_time ON log_query.replays (tenant_id, created_at_ms, place)`,
  `CREATE INDEX replays_open ON log_query.replays (place) WHERE NOT is_closed`,
  `CREATE INDEX replays_unsettled ON log_query.replays (place) WHERE is_closed AND fates = ''`,
  `CREATE INDEX replays_of_hook ON log_query.replays (hook_id, epoch) WHERE kind = 'catch-up'`,
  // The key is the order in which they are made: that of the first delivery of each event, which is the order of acceptance.
  `CREATE TABLE log_query.replay_items (
    replay_id text COLLATE "C", request_partition int, first_offset bigint, hook_id text COLLATE "C",
    hook_version bigint NOT NULL, event_id text COLLATE "C" NOT NULL, accepted_at_ms bigint NOT NULL, position bigint,
    PRIMARY KEY (replay_id, request_partition, first_offset, hook_id)
  )`,
  `CREATE INDEX replay_items_numbered ON log_query.replay_items (request_partition, position, hook_id) WHERE position IS NOT NULL`,
  `CREATE TABLE log_query.replay_streams (
    request_partition int PRIMARY KEY, next_position bigint NOT NULL, owner text NOT NULL, epoch bigint NOT NULL, lease_until timestamptz NOT NULL
  )`,
  // Takes no entry of what an event has made.
  `CREATE INDEX deliveries_of_replay ON log_query.deliveries (tenant_id, replay_id, fate) WHERE replay_id <> ''`,
  // The list of what matched nothing.
  `CREATE INDEX unmatched_by_time ON log_query.unmatched (tenant_id, accepted_at_ms, event_id)`,
];
