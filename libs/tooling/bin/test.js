#!/usr/bin/env node
// `npm test`: everything that must hold before a commit, on a fresh clone as well. `--help` lists the parts.
import { requireNodeVersion } from '../driver/node-version.js';

requireNodeVersion();
import('../driver/test.js').then(({ test }) => test(process.argv.slice(2))).then((code) => process.exit(code));
