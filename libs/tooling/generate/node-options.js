import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../driver/root.js';

const DOCKERFILE = 'deploy/docker/Dockerfile';
const YOUNG_GENERATION = /--max-semi-space-size=\d+/;

/** V8 reads its options when it starts, so each way to start Hooklane names them: `npm start` in package.json, and the image after it. */
export const nodeOptions = {
  name: 'node options',
  owns: [],
  async make() {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    return new Map([[DOCKERFILE, withOptionsOf(scripts.start, readFileSync(join(root, DOCKERFILE), 'utf8'))]]);
  },
};

/**
 * @param {string} start the command of `npm start`
 * @param {string} dockerfile
 */
export function withOptionsOf(start, dockerfile) {
  const [wanted] = YOUNG_GENERATION.exec(start) ?? [];
  if (wanted === undefined || !YOUNG_GENERATION.test(dockerfile)) throw new Error(`package.json's start and ${DOCKERFILE} must both name --max-semi-space-size.`);
  return dockerfile.replace(YOUNG_GENERATION, wanted);
}
