import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Loaded into a process of a platform before its program (`--import`), never shipped: at SIGUSR2 it collects all garbage and writes what is left
 * into `$HOOKLANE_MEMORY_PROBE/<pid>.json`. What V8 and the allocator hold in reserve says nothing about what the program keeps.
 */
const directory = process.env['HOOKLANE_MEMORY_PROBE'];

if (directory !== undefined) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  process.on('SIGUSR2', () => {
    // The second round takes what finalizers of the first let go.
    collect();
    setImmediate(() => {
      collect();
      const file = join(directory, `${process.pid}.json`);
      writeFileSync(`${file}.part`, JSON.stringify(process.memoryUsage()));
      renameSync(`${file}.part`, file);
    });
  });
}
