import { toAppError } from '@hooklane/kernel';
import { processEnvironment, readConfig } from '@hooklane/service-host';
import { embeddedConfig, removeEmbeddedData } from '@hooklane/service-host/embedded';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';

/** `npm start -- --reset`: deletes what an embedded installation has stored, after asking. */
async function reset(): Promise<void> {
  const dataDir = resolve(readConfig(embeddedConfig, processEnvironment).HOOKLANE_DATA_DIR);
  if (!process.argv.includes('--yes') && !(await isWanted(dataDir))) {
    process.stdout.write('Nothing was deleted.\n');
    return;
  }
  const removed = await removeEmbeddedData(dataDir);
  process.stdout.write(removed ? `All data in ${dataDir} is deleted.\n` : `There is no data in ${dataDir}.\n`);
}

async function isWanted(dataDir: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new Error('Nobody is there to ask: add --yes to delete all data.');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return (await terminal.question(`Delete all data in ${dataDir}: tenants, hooks, keys, events, history? Type "yes": `)).trim() === 'yes';
  } finally {
    terminal.close();
  }
}

try {
  await reset();
  process.exit(0);
} catch (error) {
  process.stderr.write(`${toAppError(error).message}\n`);
  process.exit(1);
}
