import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The fixed tables. Records of streams live in `records_<n>`, one table a segment of time, which the writer makes as time goes on
 * (retention drops whole tables, docs/adr/0002).
 */
export class CreateEventLog1763700000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE event_log.partitions (
        id int PRIMARY KEY,
        topic text NOT NULL,
        partition int NOT NULL,
        first bigint NOT NULL DEFAULT 0,
        UNIQUE (topic, partition)
      )`);
    await runner.query(`
      CREATE TABLE event_log.segments (
        id int PRIMARY KEY,
        opened_at_ms bigint NOT NULL,
        closed_at_ms bigint
      )`);
    await runner.query(`
      CREATE TABLE event_log.segment_starts (
        segment int NOT NULL REFERENCES event_log.segments (id) ON DELETE CASCADE,
        partition int NOT NULL,
        start bigint NOT NULL,
        PRIMARY KEY (segment, partition)
      )`);
    // Records of compacted topics, one a row, because compaction looks at keys.
    await runner.query(`
      CREATE TABLE event_log.table_records (
        partition int NOT NULL,
        base bigint NOT NULL,
        timestamp_ms bigint NOT NULL,
        key bytea,
        data bytea NOT NULL,
        PRIMARY KEY (partition, base)
      )`);
    await runner.query(`ALTER TABLE event_log.table_records ALTER COLUMN data SET STORAGE EXTERNAL`);
    await runner.query(`
      CREATE TABLE event_log.group_positions (
        group_name text NOT NULL,
        partition int NOT NULL,
        next bigint NOT NULL,
        metadata bytea NOT NULL,
        PRIMARY KEY (group_name, partition)
      ) WITH (fillfactor = 50)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DO $$ DECLARE name text; BEGIN
        FOR name IN SELECT format('event_log.records_%s', id) FROM event_log.segments LOOP EXECUTE 'DROP TABLE IF EXISTS ' || name; END LOOP;
      END $$`);
    await runner.query('DROP TABLE event_log.group_positions, event_log.table_records, event_log.segment_starts, event_log.segments, event_log.partitions');
  }
}
