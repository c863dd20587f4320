import { describe, expect, it } from '@jest/globals';
import { checklists, docs, rowComplaints } from './docs.js';

const SPEC = 'libs/a/src/b.unit.spec.ts';
const SOURCE = `describe('the hook', () => { it('says "ana\\'s", a|b', () => {}); it.each(x)('%s, byte for byte', () => {}); });`;
const textOf = (path: string): string | null => (path === SPEC ? SOURCE : null);
const complaints = (...lines: string[]): string[] => rowComplaints('p.md', lines.join('\n'), { rows: 'T', count: 2 }, textOf);
const GOOD = `| T2 | It is exact | \`${SPEC} › %s, byte for byte\` |`;

describe('the checklist of a product', () => {
  it('has each row once, with tests that are there', () => {
    expect(complaints('| row | requirement | test |', '|---|---|---|', `| T1 | It says so | \`${SPEC} › the hook › says "ana's", a\\|b\`, \`${SPEC} › %s, byte for byte\` |`, GOOD, '| K1 | of another table | x |')).toEqual([]);
  });

  it.each([
    ['a row is missing', [GOOD], 'p.md: the row T1 is missing.'],
    ['a row is there twice', [GOOD, GOOD, GOOD.replace('T2', 'T1')], 'p.md: the row T2 is there 2 times.'],
    ['a row is not of the checklist', [GOOD, GOOD.replace('T2', 'T1'), GOOD.replace('T2', 'T3')], 'p.md: the checklist has no row T3.'],
    ['a row has no test', [GOOD, '| T1 | It says so | by hand |'], 'p.md: T1 names no test (`path › title`).'],
    ['a row asks for nothing', [GOOD, GOOD.replace('T2 | It is exact', 'T1 |')], 'p.md: T1 does not say what it asks for.'],
    ['a test is nowhere', [GOOD, '| T1 | x | `libs/a/src/c.unit.spec.ts › x` |'], 'p.md: T1 names libs/a/src/c.unit.spec.ts, which is not there.'],
    ['a file is no spec', [GOOD, '| T1 | x | `libs/a/src/b.ts › x` |'], 'p.md: T1 names libs/a/src/b.ts, which is no spec.'],
    ['one of its titles is another', [GOOD, `| T1 | x | \`${SPEC} › %s, byte for byte\`, \`${SPEC} › the hook › shouts\` |`], `p.md: T1: ${SPEC} has no "shouts".`],
  ])('is complained about where %s', (_, lines, complaint) => {
    expect(complaints(...lines)).toEqual([complaint]);
  });
});

describe('the checklists of the five products', () => {
  it('have a hundred rows, all proved', async () => {
    expect(checklists.reduce((sum, { count }) => sum + count, 0)).toBe(100);
    expect(await docs()).toEqual({ ok: true, output: '' });
  });
});
