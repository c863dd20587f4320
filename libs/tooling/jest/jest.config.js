import { fileURLToPath } from 'node:url';

// One jest project a test kind; the kind is the file's suffix (style rule 11). Sources are compiled by swc as ES modules;
// other packages are taken as built, so what a spec meets is what ships.
const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
export const kinds = ['unit', 'prop', 'int', 'e2e', 'system', 'chaos'];
/** These meet real servers; testkit opens the counter where their specs ask for one. */
const withServers = new Set(['int', 'e2e', 'system', 'chaos']);
const testkit = `${root}/node_modules/@hooklane/testkit/dist/jest`;

const project = (kind) => ({
  displayName: kind,
  rootDir: root,
  roots: ['<rootDir>/apps', '<rootDir>/libs'],
  testMatch: [`**/*.${kind}.spec.ts`],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['/dist.next/'],
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  ...(withServers.has(kind) ? { setupFilesAfterEnv: ['<rootDir>/libs/tooling/jest/patience.js'] } : {}),
  ...(withServers.has(kind) ? { globalSetup: `${testkit}/global-setup.js`, globalTeardown: `${testkit}/global-teardown.js` } : {}),
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
});

export default { projects: kinds.map(project) };
