import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../driver/root.js';
import { asyncapi } from './asyncapi.js';
import { configurationDocs } from './configuration-docs.js';
import { filesIn } from './files-in.js';
import { nginx } from './nginx.js';
import { nodeOptions } from './node-options.js';
import { openapi } from './openapi.js';
import { protobufCode } from './protobuf-code.js';

/**
 * @typedef {object} Generator
 * @property {string} name
 * @property {(scratch: string) => Promise<Map<string, string | Buffer>>} make all files it makes: path from the root → content
 * @property {string[]} owns folders in which every file is its own; others there are left over and removed
 */

/** @type {Generator[]} */
const generators = [protobufCode, configurationDocs, nginx, nodeOptions, openapi, asyncapi];

/** @returns {Promise<string[]>} a line for each file that is not as the generators make it now */
export async function differences() {
  return withMade((made, owns) => [
    ...[...made].flatMap(([path, content]) => (existsSync(join(root, path)) ? (readFileSync(join(root, path)).equals(Buffer.from(content)) ? [] : `${path} is out of date.`) : `${path} is missing.`)),
    ...leftOver(made, owns).map((path) => `${path} is made by no generator any more.`),
  ]);
}

export async function generate() {
  return withMade((made, owns) => {
    for (const [path, content] of made) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    }
    for (const path of leftOver(made, owns)) rmSync(join(root, path));
    return made.size;
  });
}

async function withMade(use) {
  // Inside the checkout, because generators resolve plugins and packages from where they write.
  mkdirSync(`${root}/node_modules/.cache`, { recursive: true });
  const scratch = mkdtempSync(`${root}/node_modules/.cache/generate-`);
  try {
    const made = new Map();
    for (const { make } of generators) for (const [path, content] of await make(scratch)) made.set(path, content);
    return use(made, generators.flatMap(({ owns }) => owns));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function leftOver(made, owns) {
  return owns.flatMap((folder) => filesIn(folder)).filter((path) => !made.has(path));
}
