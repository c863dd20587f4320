import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RecordBatch } from '@hooklane/event-log';
import { eventually } from '@hooklane/testkit';
import { embeddedHarness, type EmbeddedHarness } from './harness.js';

const DAY_MS = 86_400_000;
const GATHER_MS = 3_000;

describe('a subscriber that lets records wait for company', () => {
  let harness: EmbeddedHarness;
  beforeEach(async () => {
    harness = await embeddedHarness({ topics: [{ name: 'events', partitions: 1, compacted: false, retentionMs: DAY_MS }] });
  });
  afterEach(() => harness.dispose());

  const append = (count: number): Promise<unknown> => harness.log.append(Array.from({ length: count }, () => ({ topic: 'events', partition: 0, key: null, value: Buffer.from('x') })));

  /** @returns how many records each batch had, and when it came after the one before, in milliseconds */
  function subscribe(gatherMs?: number) {
    const sizes: number[] = [];
    const gaps: number[] = [];
    let lastMs = performance.now();
    const subscription = harness.log.subscribe({
      group: 'readers',
      topics: ['events'],
      mode: 'share',
      ...(gatherMs === undefined ? {} : { gatherMs }),
      assigned: (partitions) => Promise.resolve(partitions.map(() => 'beginning' as const)),
      revoked: () => Promise.resolve(),
      handle: ({ records }: RecordBatch) => {
        sizes.push(records.length);
        gaps.push(performance.now() - lastMs);
        lastMs = performance.now();
        return Promise.resolve();
      },
      failed: () => undefined,
    });
    return { sizes, gaps, subscription };
  }

  it('gets the first after a silence at once, and what comes soon after it together and later', async () => {
    const { sizes, gaps, subscription } = subscribe(GATHER_MS);
    await subscription.started;
    await append(1);
    await eventually(() => sizes.length === 1, 'the first record');
    for (let n = 0; n < 5; n += 1) await append(1);
    await eventually(() => sizes.length === 2, 'the others');
    expect(sizes).toEqual([1, 5]);
    expect(gaps[1]).toBeGreaterThanOrEqual(GATHER_MS - 1);
    await subscription.close();
  });

  it('does not wait for a full batch', async () => {
    const { sizes, gaps, subscription } = subscribe(60_000);
    await subscription.started;
    await append(1);
    await eventually(() => sizes.length === 1, 'the first record');
    await append(500);
    await append(500);
    await eventually(() => sizes.length === 2, 'a full batch');
    expect(sizes).toEqual([1, 1_000]);
    expect(gaps[1]).toBeLessThan(60_000);
    await subscription.close();
  });
});
