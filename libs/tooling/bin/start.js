#!/usr/bin/env node
// `npm start`: Hooklane in one process on an embedded Postgres, from a fresh clone. `--help` lists what else it can do.
import { requireNodeVersion } from '../driver/node-version.js';

requireNodeVersion();
import('../driver/start.js').then(({ start }) => start(process.argv.slice(2)));
