import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { missingEntries } from '../driver/lock-file.js';
import { complaint } from './spec-names.js';

const driver = join(import.meta.dirname, '..', 'bin', 'test.js');
const npmTest = (...args: string[]) => spawnSync(process.execPath, [driver, ...args], { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });

describe('the name of a spec', () => {
  it('says exactly one kind, at the place where the runs look for it', () => {
    const right = ['libs/a/src/b.unit.spec.ts', 'apps/a/src/b.pg.int.spec.ts', 'apps/a/test/publish/202.e2e.spec.ts', 'apps/system-tests/test/a.system.spec.ts'];
    const wrong = ['libs/a/src/b.spec.ts', 'libs/a/src/b.int.unit.spec.ts', 'libs/a/src/b.unit.test.ts', 'libs/a/src/b.unit.spec.js', 'libs/a/src/b.speed.spec.ts', 'apps/a/src/b.e2e.spec.ts', 'apps/a/test/b.chaos.spec.ts'];
    expect(right.map((path) => complaint(path))).toEqual(right.map(() => null));
    expect(wrong.filter((path) => complaint(path) === null)).toEqual([]);
  });
});

describe('the lock file', () => {
  it('lacks what an optional dependency names and no level above it holds', () => {
    const lock = {
      packages: {
        'node_modules/tool': { optionalDependencies: { 'tool-linux-x64': '1.0.0', 'tool-darwin-arm64': '1.0.0', ranged: '^2.0.0' } },
        'node_modules/tool-linux-x64': { version: '1.0.0' },
        'node_modules/a/node_modules/b': { optionalDependencies: { 'tool-linux-x64': '1.0.0', nested: '3.0.0' } },
        'node_modules/a/node_modules/nested': { version: '3.0.0' },
      },
    };
    expect(missingEntries(lock).map(({ name }) => name)).toEqual(['tool-darwin-arm64']);
  });
});

describe('npm test', () => {
  it('explains itself and refuses parts and options that it does not have', () => {
    expect(npmTest('--help').stdout).toContain('--only unit');
    expect(npmTest('--only', 'unti')).toMatchObject({ status: 2, stdout: expect.stringContaining('There is no part "unti".') as unknown });
    expect(npmTest('--faster')).toMatchObject({ status: 2, stdout: expect.stringContaining('There is no option --faster.') as unknown });
  });

  it('ends with one line of counts', () => {
    const { stdout, status } = npmTest('--built', '--only', 'lock,specs');
    expect(stdout.trim().split('\n').at(-1)).toMatch(/^\d+ passed, \d+ failed$/);
    expect(status).toBe(stdout.includes(', 0 failed') ? 0 : 1);
  });
});
