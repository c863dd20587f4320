import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../driver/root.js';
import { run } from '../driver/run.js';
import { filesIn } from './files-in.js';

const PROTO = 'libs/contracts/proto';
const GEN = 'libs/contracts/src/gen';
/** The .proto files as they were committed last, compiled: what is changed since then must be readable by what was built from it. */
const BASELINE = 'baseline.binpb';

/** TypeScript of the .proto files and their new baseline, after buf has found nothing to say about them. */
export const protobufCode = {
  name: 'protobuf code',
  owns: [GEN],
  async make(scratch) {
    await buf(['lint']);
    await assertCompatible(`${root}/${PROTO}`);
    // The template's output folder is `../src/gen`, seen from this one.
    const base = join(scratch, 'contracts', 'proto');
    mkdirSync(base, { recursive: true });
    for (const template of ['buf.gen.yaml', 'buf.gen.grpc.yaml']) await buf(['generate', '--template', template, '--output', base]);
    const made = join(scratch, 'contracts', 'src', 'gen');
    const baseline = join(scratch, BASELINE);
    await buf(['build', '--exclude-source-info', '--output', baseline]);
    return new Map([[`${PROTO}/${BASELINE}`, readFileSync(baseline)], ...filesIn('', made).map((path) => [`${GEN}/${path}`, readFileSync(join(made, path))])]);
  },
};

/**
 * @param {string} folder with the .proto files, buf.yaml and the baseline; without a baseline there is nothing to be compatible with
 * @throws Error naming every change that a reader or caller of the baseline would not understand
 */
export async function assertCompatible(folder) {
  if (!existsSync(join(folder, BASELINE))) return;
  await buf(['breaking', '--against', BASELINE], folder);
}

async function buf(args, cwd = `${root}/${PROTO}`) {
  const { ok, output } = await run(`${root}/node_modules/.bin/buf`, args, { cwd, shell: process.platform === 'win32' });
  if (!ok) throw new Error(`buf ${args[0]}:\n${output}`);
}
