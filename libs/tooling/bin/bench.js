#!/usr/bin/env node
// `npm run bench`: measures a platform of its own on 127.0.0.1. `-- --help` lists the switches.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { requireNodeVersion } from '../driver/node-version.js';

requireNodeVersion();
const { installAndBuild } = await import('../driver/install.js');
const { root } = await import('../driver/root.js');
await installAndBuild();
const { status } = spawnSync(process.execPath, [join(root, 'apps/system-tests/dist/load/bench.js'), ...process.argv.slice(2)], { stdio: 'inherit' });
process.exitCode = status ?? 1;
