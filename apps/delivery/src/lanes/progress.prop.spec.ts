import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Progress, type OpenRecord } from './progress.js';

describe('the watermark', () => {
  it('stands at the first record that is not settled, with the marks of exactly what lies below it, whatever the order of settling', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 40 }), fc.infiniteStream(fc.nat()), (pendings, choices) => {
        const progress = new Progress({ watermark: 0, marks: new Map(), outcomesFrom: 0 });
        const records: OpenRecord[] = pendings.map((pending, offset) => ({ offset, pending, mark: { stream: 's', position: offset, hookId: 'h' }, outcomesFrom: offset * 10 }));
        for (const record of records) progress.add(record);
        const open = records.flatMap((record) => Array.from({ length: record.pending }, () => record));
        for (;;) {
          const first = records.findIndex(({ pending }) => pending > 0);
          const expected = first < 0 ? records.length : first;
          const { watermark, marks, outcomesFrom } = progress.snapshot(1_000);
          expect(watermark).toBe(expected);
          expect(marks.get('s')?.position).toBe(expected === 0 ? undefined : expected - 1);
          expect(outcomesFrom).toBe(first < 0 ? 1_000 : Math.max(...records.slice(0, first + 1).map((record) => record.outcomesFrom)));
          if (open.length === 0) return;
          const [record] = open.splice((choices.next().value as number) % open.length, 1) as [OpenRecord];
          progress.settle(record);
        }
      }),
    );
  });
});
