import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Hooks from before there were `concurrency`, `rateLimit` and `catchUp`: the values that their events fold to. */
export class AddOrderModes1763700000002 implements MigrationInterface {
  name = 'AddOrderModes1763700000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      UPDATE registry.hooks SET state = '{"forgottenEpochs":0}'::jsonb || jsonb_set(state, '{config}', '{"concurrency":null,"rateLimit":null,"catchUp":"none"}'::jsonb || (state -> 'config'))
      WHERE NOT state -> 'config' ? 'catchUp'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`UPDATE registry.hooks SET state = state #- '{config,concurrency}' #- '{config,rateLimit}' #- '{config,catchUp}' #- '{forgottenEpochs}'`);
  }
}
