import { describe, expect, it } from '@jest/globals';
import { CatchUp } from './catch-up.js';

const at = (partition: number, topic = 'a'): { topic: string; partition: number } => ({ topic, partition });

describe('CatchUp', () => {
  it('counts what lay in the log at the takeover, until it is nearly all written', () => {
    const catchUp = new CatchUp();
    catchUp.assigned(at(0), 0, 3_000);
    catchUp.assigned(at(0, 'b'), 500, 1_500);
    expect(catchUp.recordsToGo()).toBe(4_000);
    catchUp.moved(at(0), 2_000);
    expect(catchUp.recordsToGo()).toBe(2_000);
    catchUp.moved(at(0, 'b'), 9_000);
    expect(catchUp.recordsToGo()).toBe(0);
  });

  it('does not mind the usual lag', () => {
    const catchUp = new CatchUp();
    catchUp.assigned(at(0), 10, 900);
    expect(catchUp.recordsToGo()).toBe(0);
  });

  it('forgets partitions that belong to another instance', () => {
    const catchUp = new CatchUp();
    catchUp.assigned(at(0), 0, 5_000);
    catchUp.revoked(at(0));
    expect(catchUp.recordsToGo()).toBe(0);
  });

  it('stays up to date, whatever comes', () => {
    const catchUp = new CatchUp();
    catchUp.assigned(at(0), 0, 2_000);
    catchUp.moved(at(0), 1_500);
    expect(catchUp.recordsToGo()).toBe(0);
    catchUp.assigned(at(1), 0, 100);
    expect(catchUp.recordsToGo()).toBe(0);
  });
});
