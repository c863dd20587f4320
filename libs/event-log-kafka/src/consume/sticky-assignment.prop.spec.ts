import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { assignSticky, type Claim } from './sticky-assignment.js';

const claims = (partitions: number): fc.Arbitrary<Claim[]> =>
  fc.array(fc.array(fc.nat(partitions + 1), { maxLength: partitions }), { minLength: 1, maxLength: 7 }).map((members) =>
    members.map((owned, index) => ({ memberId: `m${index}`, owned: [...new Set(owned)].map((partition) => ({ topic: 't', partition })) })),
  );

describe('assignSticky', () => {
  it('gives every partition to exactly one member, evenly, and moves no more than evenness asks for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 24 }).chain((count) => fc.tuple(fc.constant(count), claims(count))),
        ([count, members]) => {
          const partitions = Array.from({ length: count }, (_, partition) => ({ topic: 't', partition }));
          const shares = assignSticky(partitions, members);
          const given = [...shares.values()].flat().map(({ partition }) => partition);
          expect(given.sort((a, b) => a - b)).toEqual(partitions.map(({ partition }) => partition));
          const sizes = [...shares.values()].map((share) => share.length);
          expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
          // A member keeps as many of the partitions it alone claims as the smaller share allows.
          for (const { memberId, owned } of members) {
            const own = owned.filter(({ partition }) => partition < count && members.every((other) => other.memberId === memberId || !other.owned.some((claim) => claim.partition === partition)));
            const kept = (shares.get(memberId) ?? []).filter(({ partition }) => owned.some((claim) => claim.partition === partition));
            expect(kept.length).toBeGreaterThanOrEqual(Math.min(own.length, Math.floor(count / members.length)));
          }
        },
      ),
    );
  });

  it('moves only what it must in a rolling restart: what the member had that left, then the share of the one that came', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 48 }), fc.integer({ min: 2, max: 7 }), (count, size) => {
        const partitions = Array.from({ length: count }, (_, partition) => ({ topic: 't', partition }));
        const claimsOf = (shares: ReturnType<typeof assignSticky>): Claim[] => [...shares].map(([memberId, owned]) => ({ memberId, owned }));
        let members = claimsOf(assignSticky(partitions, Array.from({ length: size }, (_, n) => ({ memberId: `m${n}`, owned: [] }))));
        for (let round = 0; round < size; round += 1) {
          const [leaving, ...staying] = members as [Claim, ...Claim[]];
          const without = claimsOf(assignSticky(partitions, staying));
          expect(moved(staying, without)).toBe(leaving.owned.length);
          // In a group, the one that comes has a new id, and owns nothing.
          const again = claimsOf(assignSticky(partitions, [...without, { memberId: `m${size + round}`, owned: [] }]));
          const share = again.find(({ memberId }) => memberId === `m${size + round}`)!.owned.length;
          expect(moved(without, again)).toBe(share);
          expect(share).toBeLessThanOrEqual(Math.ceil(count / size));
          members = again;
        }
      }),
    );
  });

  it('changes nothing when the same members ask again', () => {
    fc.assert(
      fc.property(claims(12), (members) => {
        const partitions = Array.from({ length: 12 }, (_, partition) => ({ topic: 't', partition }));
        const once = assignSticky(partitions, members);
        const again = assignSticky(partitions, [...once].map(([memberId, owned]) => ({ memberId, owned })));
        const sorted = (shares: ReturnType<typeof assignSticky>): unknown => [...shares].map(([memberId, share]) => [memberId, share.map(({ partition }) => partition).sort((a, b) => a - b)]);
        expect(sorted(again)).toEqual(sorted(once));
      }),
    );
  });
});

/** How many partitions are somebody's who did not have them before. */
function moved(before: readonly Claim[], after: readonly Claim[]): number {
  const owners = new Map(before.flatMap(({ memberId, owned }) => owned.map(({ partition }) => [partition, memberId])));
  return after.flatMap(({ memberId, owned }) => owned.filter(({ partition }) => owners.get(partition) !== memberId)).length;
}
