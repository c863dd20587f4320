#!/usr/bin/env node
// Completes package-lock.json; runs after every `npm install` (see `driver/lock-file.js` for why).
import { fixLock } from '../driver/lock-file.js';

const added = fixLock();
if (added > 0) console.log(`package-lock.json: ${added} binaries for other systems added.`);
