#!/usr/bin/env node
// `npm run generate`: makes everything that is generated and committed; `npm test` checks that nothing is out of date.
import { requireNodeVersion } from '../driver/node-version.js';

requireNodeVersion();
import('../generate/generate.js')
  .then(({ generate }) => generate())
  .then((count) => console.log(`${count} files generated.`))
  .catch((error) => {
    console.error(error.message);
    process.exit(1);
  });
