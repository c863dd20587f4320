#!/usr/bin/env node
// Compiles the package in the current directory with the native TypeScript compiler.
// `.bin/tsc` may be either of the two installed compilers, so the path is spelled out.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const compiler = join(dirname(require.resolve('tsc7/package.json')), 'bin', 'tsc');

// Into a folder beside it first: whoever imports the package meanwhile sees the old build or the new one, never a half.
rmSync('dist.next', { recursive: true, force: true });
const result = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--outDir', 'dist.next', '--pretty', String(process.stdout.isTTY === true)], { stdio: 'inherit' });
if (result.status !== 0) {
  rmSync('dist.next', { recursive: true, force: true });
  process.exit(result.status ?? 1);
}
if (existsSync('proto')) cpSync('proto', 'dist.next/proto', { recursive: true });
rmSync('dist', { recursive: true, force: true });
renameSync('dist.next', 'dist');
