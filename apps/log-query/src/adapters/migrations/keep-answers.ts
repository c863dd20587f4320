import { keptAnswersUp } from '@hooklane/service-host';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Answers by Idempotency-Key. */
export class KeepAnswers1795000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(keptAnswersUp('log_query'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE log_query.kept_answers');
  }
}
