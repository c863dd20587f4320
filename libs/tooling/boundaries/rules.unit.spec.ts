import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '..', '..', '..');
const { forbidden } = createRequire(import.meta.url)('./rules.cjs') as { forbidden: { name: string }[] };

/** A tiny house in which every room is as it should be. */
const SOUND: Record<string, string> = {
  'package.json': '{"devDependencies":{"@jest/globals":"1"}}',
  'libs/kernel/package.json': '{}',
  'libs/kernel/src/clock.ts': 'export const clock = 1;',
  'libs/kernel/src/index.ts': "export { clock } from './clock.js';",
  'libs/routing/package.json': '{}',
  'libs/routing/src/index.ts': "import { filter } from './filter.js'; export const matcher = filter;",
  'libs/routing/src/filter.ts': 'export const filter = 1;',
  'apps/delivery/package.json': '{"dependencies":{"undici":"1","@nestjs/common":"1"}}',
  'apps/delivery/src/main.ts': "import './delivery.module.js';",
  'apps/delivery/src/delivery.module.ts': "import '@nestjs/common'; import './adapters/http-sender.js'; import './lanes/lane.js';",
  'apps/delivery/src/adapters/http-sender.ts': "import 'undici'; import 'node:net'; import '../lanes/lane.js';",
  'apps/delivery/src/lanes/lane.ts': "import '../ports.js'; export const lane = 1;",
  'apps/delivery/src/lanes/lane.unit.spec.ts': "import '@jest/globals'; import './lane.js';",
  'apps/delivery/src/ports.ts': 'export const port = 1;',
};

/** For each rule a file that breaks it, which is added to the sound house. */
const BREACHES: Record<string, [path: string, content: string]> = {
  'services-import-ports-not-adapters': ['apps/delivery/src/adapters/log.ts', "import '../../../../libs/event-log-kafka/src/index.js';"],
  'no-app-imports-an-app': ['apps/fanout/src/a.ts', "import '../../delivery/src/ports.js';"],
  'all-in-one-takes-modules-only': ['apps/all-in-one/src/a.ts', "import '../../delivery/src/ports.js';"],
  'no-lib-imports-an-app': ['libs/kernel/src/app.ts', "import '../../../apps/delivery/src/ports.js';"],
  'features-are-pure': ['apps/delivery/src/lanes/nest.ts', "import '@nestjs/common';"],
  'features-run-on-pure-packages': ['apps/delivery/src/lanes/database.ts', "import '../../../../libs/console/src/index.js';"],
  'features-do-not-know-node': ['apps/delivery/src/lanes/timers.ts', "import 'node:timers';"],
  'features-do-not-know-the-edges': ['apps/delivery/src/lanes/sender.ts', "import '../adapters/http-sender.js';"],
  'pure-libraries-know-no-framework': ['libs/routing/src/rows.ts', "import 'pg';"],
  'dialects-only-hash': ['libs/dialects/src/a.ts', "import 'node:crypto'; import 'node:fs';"],
  'kafkajs-in-one-package': ['apps/delivery/src/adapters/kafka.ts', "import 'kafkajs';"],
  'undici-in-one-file': ['apps/delivery/src/adapters/other.ts', "import 'undici';"],
  'embedded-never-loads-kafka': ['apps/all-in-one/src/b.ts', "import '../../../libs/event-log-kafka/src/index.js';"],
  'host-core-knows-no-adapter': ['libs/service-host/src/a.ts', "import '../../event-log-embedded/src/index.js';"],
  'testkit-is-for-specs': ['apps/delivery/src/adapters/test.ts', "import '../../../../libs/testkit/src/index.js';"],
  'packages-are-entered-by-name': ['libs/routing/src/deep.ts', "import '../../kernel/src/clock.js';"],
  'no-cycles': ['libs/routing/src/cycle.ts', "import './cycle-back.js';"],
  'nothing-unresolvable': ['libs/routing/src/lost.ts', "import './gone.js';"],
  'dependencies-are-declared': ['libs/routing/src/undeclared.ts', "import 'zod';"],
  'no-development-dependencies-in-what-ships': ['libs/routing/src/jest.ts', "import '@jest/globals';"],
  'no-orphans': ['libs/routing/src/alone.ts', 'export const alone = 1;'],
};
/** What the breaches need to be there. */
const BESIDE = {
  ...Object.fromEntries(['event-log-kafka', 'event-log-embedded', 'testkit', 'console'].map((name) => [`libs/${name}/src/index.ts`, 'export const a = 1;'])),
  'libs/routing/src/cycle-back.ts': "import './cycle.js';",
};

describe('the boundary rules', () => {
  let house: string;
  beforeEach(() => {
    house = mkdtempSync(join(tmpdir(), 'hooklane-boundaries-'));
    symlinkSync(join(root, 'node_modules'), join(house, 'node_modules'));
    put(SOUND);
  });
  afterEach(() => rmSync(house, { recursive: true }));

  it('find nothing in a house that keeps them', () => {
    expect(broken()).toEqual([]);
  });

  it('each find the breach that they are for', () => {
    put({ ...BESIDE, ...Object.fromEntries(Object.values(BREACHES)) });
    const found = broken();
    // Without its ending, because a cycle may be named by either of its files.
    const breaches = Object.entries(BREACHES).map(([rule, [path]]) => `${rule} ${path.replace('.ts', '')}`);
    expect(breaches.filter((breach) => !found.some((each) => each.startsWith(breach)))).toEqual([]);
  });

  it('hold every library to its row of the table, and its specs as well', () => {
    const libraries = forbidden.flatMap(({ name }) => /^(.+)-specs-import-only-its-own$/.exec(name)?.[1] ?? []);
    const breach = "import '../../console/src/index.js';";
    put(BESIDE);
    for (const library of libraries) put({ [`libs/${library}/src/breach.ts`]: breach, [`libs/${library}/src/breach.unit.spec.ts`]: breach });
    const found = broken();
    // testkit is made for specs, so there is no telling its sources from its specs.
    expect(libraries.filter((library) => !found.includes(`${library}-imports-only-its-own libs/${library}/src/breach.ts`))).toEqual(['testkit']);
    expect(libraries.filter((library) => !found.includes(`${library}-specs-import-only-its-own libs/${library}/src/breach.unit.spec.ts`))).toEqual([]);
  });

  it('are all proved here', () => {
    const proved = new Set([...Object.keys(BREACHES), ...forbidden.map(({ name }) => name).filter((name) => /-imports?-only-its-own$/.test(name))]);
    expect(forbidden.map(({ name }) => name).filter((name) => !proved.has(name))).toEqual([]);
  });

  function put(files: Record<string, string>): void {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(house, path)), { recursive: true });
      writeFileSync(join(house, path), content);
    }
  }

  /** The rules that the house breaks, each with the file that breaks it. */
  function broken(): string[] {
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'), '--config', join(import.meta.dirname, 'dependency-cruiser.config.cjs'), '--output-type', 'json', 'apps', 'libs'],
      { cwd: house, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, env: { ...process.env, NODE_OPTIONS: '' } },
    );
    if (!stdout.startsWith('{')) throw new Error(stderr);
    const { summary } = JSON.parse(stdout) as { summary: { violations: { from: string; rule: { name: string } }[] } };
    return [...new Set(summary.violations.map(({ from, rule }) => `${rule.name} ${from}`))];
  }
});
