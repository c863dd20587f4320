#!/usr/bin/env node
// `npm run split`: the five services on Kafka and Postgres without docker. `-- --help` lists what it can do.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { requireNodeVersion } from '../driver/node-version.js';

requireNodeVersion();
const { installAndBuild } = await import('../driver/install.js');
const { root } = await import('../driver/root.js');
await installAndBuild();
// A process group of its own: the terminal's Ctrl-C would end Kafka and Postgres while the services still finish what is in flight.
const child = spawn(process.execPath, [join(root, 'apps/system-tests/dist/split.js'), ...process.argv.slice(2)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], detached: true });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal));
child.once('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)));
