import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { IncarnationMarks } from './incarnation-marks.js';

const seen = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat()), { maxLength: 4 }).map((entries) => new Map(entries));

describe('IncarnationMarks', () => {
  it('comes back from the metadata as it was', () => {
    fc.assert(
      fc.property(fc.array(seen), fc.string(), fc.nat(), (steps, incarnation, sequence) => {
        const marks = steps.reduce((current, step) => current.advanced(step, 4), IncarnationMarks.none);
        const restored = IncarnationMarks.fromMetadata(marks.toMetadata());
        return restored.toMetadata() === marks.toMetadata() && restored.isRepeat(incarnation, sequence) === marks.isRepeat(incarnation, sequence);
      }),
    );
  });

  it('takes any other metadata for no marks', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (metadata) => !IncarnationMarks.fromMetadata(metadata).isRepeat('a', 1)));
  });

  it('stays below the 4,096 bytes that Kafka keeps, with 32 incarnations of 40 characters', () => {
    const many = new Map(Array.from({ length: 100 }, (_, index) => [`ingest_${String(index).padStart(33, '0')}`, Number.MAX_SAFE_INTEGER] as const));
    const metadata = IncarnationMarks.none.advanced(many, 32).toMetadata();
    if (Buffer.byteLength(metadata) > 4_096) throw new Error(`${Buffer.byteLength(metadata)} bytes`);
  });

  it('forgets the incarnations seen longest ago', () => {
    const marks = IncarnationMarks.none.advanced(new Map([['a', 1], ['b', 1]]), 2).advanced(new Map([['a', 2], ['c', 1]]), 2);
    if (!marks.isRepeat('a', 2) || !marks.isRepeat('c', 1) || marks.isRepeat('b', 1)) throw new Error(marks.toMetadata());
  });
});
