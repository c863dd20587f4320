import { keptAnswersUp } from '@hooklane/service-host';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Answers by Idempotency-Key of what changes no aggregate. */
export class KeepAnswers1763700000001 implements MigrationInterface {
  name = 'KeepAnswers1763700000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(keptAnswersUp('registry'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE registry.kept_answers');
  }
}
