import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../driver/root.js';
import { run } from '../driver/run.js';
import { filesIn } from './files-in.js';

const PROTO = 'libs/contracts/proto';
const GEN = 'libs/contracts/src/gen';

/** TypeScript of the .proto files, after buf has found nothing to say about them. */
export const protobufCode = {
  name: 'protobuf code',
  owns: [GEN],
  async make(scratch) {
    await buf(['lint']);
    // The template's output folder is `../src/gen`, seen from this one.
    const base = join(scratch, 'contracts', 'proto');
    mkdirSync(base, { recursive: true });
    for (const template of ['buf.gen.yaml', 'buf.gen.grpc.yaml']) await buf(['generate', '--template', template, '--output', base]);
    const made = join(scratch, 'contracts', 'src', 'gen');
    return new Map(filesIn('', made).map((path) => [`${GEN}/${path}`, readFileSync(join(made, path), 'utf8')]));
  },
};

async function buf(args) {
  const { ok, output } = await run(`${root}/node_modules/.bin/buf`, args, { cwd: `${root}/${PROTO}`, shell: process.platform === 'win32' });
  if (!ok) throw new Error(`buf ${args[0]}:\n${output}`);
}
