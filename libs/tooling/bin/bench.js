#!/usr/bin/env node
// `npm run bench`, `bench:isolation`, `bench:soak`: each measures platforms of its own on 127.0.0.1. `-- --help` lists the switches.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { requireNodeVersion } from '../driver/node-version.js';

requireNodeVersion();
const { installAndBuild } = await import('../driver/install.js');
const { root } = await import('../driver/root.js');
await installAndBuild();
const benches = ['bench', 'isolation', 'soak'];
const [, , first, ...others] = process.argv;
const [bench, args] = benches.includes(first) ? [first, others] : ['bench', process.argv.slice(2)];
const { status } = spawnSync(process.execPath, [join(root, `apps/system-tests/dist/load/${bench}.js`), ...args], { stdio: 'inherit' });
process.exitCode = status ?? 1;
