import { keptAnswersUp } from '@hooklane/service-host';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Answers by Idempotency-Key. */
export class KeepAnswers1763700000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(keptAnswersUp('delivery'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE delivery.kept_answers');
  }
}
