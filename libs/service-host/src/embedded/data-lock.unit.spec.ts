import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { lockDataDirectory } from './data-lock.js';

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'lock-'))));
afterEach(() => rmSync(directory, { recursive: true }));

const holds = (holder: object): void => writeFileSync(join(directory, 'lock'), JSON.stringify(holder));

describe('lockDataDirectory', () => {
  it('keeps a second one out, naming the first, until it is given back', () => {
    const release = lockDataDirectory(directory);
    expect(() => lockDataDirectory(directory)).toThrow(new RegExp(`already running on .* \\(process ${process.pid}\\)`));
    release();
    lockDataDirectory(directory)();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('takes over from a process that is gone', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    holds({ pid: child.pid, started: '' });
    lockDataDirectory(directory);
    expect(JSON.parse(readFileSync(join(directory, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid });
  });

  it('is not fooled by another process that got the same id', () => {
    holds({ pid: process.pid, started: 'in another life' });
    expect(lockDataDirectory(directory)).toBeInstanceOf(Function);
  });

  it('takes over from a lock that a crash left empty', () => {
    writeFileSync(join(directory, 'lock'), '');
    expect(lockDataDirectory(directory)).toBeInstanceOf(Function);
  });

  it('leaves alone on release what another process took meanwhile', () => {
    const release = lockDataDirectory(directory);
    holds({ pid: 1, started: '' });
    release();
    expect(existsSync(join(directory, 'lock'))).toBe(true);
  });
});
