import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Attempts by their number, which is the place of their outcome (docs/adr/0006-attempts-by-number.md): a summary of 32 pages each, because an entry for each row would be paid for by every delivery.
 * Several ranges a summary: offsets of many partitions stand next to each other. Over an expression: for the bare column Postgres prefers to read a whole B-tree in which it stands last.
 */
export class FindAttemptsByPlace1795000000020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX attempts_by_place ON log_query.attempts USING brin ((log_offset + 0) int8_minmax_multi_ops(values_per_range = 64)) WITH (pages_per_range = 32, autosummarize = on)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX log_query.attempts_by_place');
  }
}
