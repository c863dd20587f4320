#!/usr/bin/env node
// `npm run bench`: measures a platform of its own on 127.0.0.1. `-- --help` lists the switches.
import { requireNodeVersion } from '../driver/node-version.js';

requireNodeVersion();
const { build, ensureInstalled } = await import('../driver/install.js');
for (const step of [ensureInstalled, build]) {
  const { ok, output } = await step();
  if (ok) continue;
  console.error(output.trimEnd());
  process.exit(1);
}
await import('@hooklane/system-tests/bench');
