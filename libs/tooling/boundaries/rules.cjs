// Who may import whom. The table is the architecture; the rules below it are made from it. There are no exceptions list and no baseline.

/** Which of our packages a library may import besides itself; specs are held to it too, with testkit and tooling added. */
const libraries = {
  kernel: [],
  contracts: ['kernel'],
  dialects: ['kernel'],
  'event-log': ['kernel'],
  'event-sourcing': ['kernel', 'postgres'],
  telemetry: ['kernel'],
  postgres: ['kernel'],
  'secret-box': ['kernel'],
  'embedded-postgres': ['kernel'],
  routing: ['kernel', 'contracts'],
  directory: ['kernel', 'contracts', 'event-log'],
  'event-log-embedded': ['kernel', 'event-log', 'postgres'],
  'event-log-kafka': ['kernel', 'event-log'],
  'service-host': ['kernel', 'contracts', 'directory', 'event-log', 'event-log-embedded', 'event-log-kafka', 'embedded-postgres', 'postgres', 'secret-box', 'telemetry'],
  testkit: ['kernel', 'contracts', 'embedded-postgres', 'postgres'],
  tooling: [],
};

/** What a service may import; not the logs' adapters and not the launcher, which are bindings. */
const forServices = ['kernel', 'contracts', 'dialects', 'directory', 'event-log', 'event-sourcing', 'postgres', 'routing', 'secret-box', 'service-host', 'telemetry'];
const services = ['registry', 'event-ingest', 'fanout', 'delivery', 'log-query'];

/** What the pure parts may import of our packages, and nothing at all of Node or the frameworks. */
const forFeatures = ['kernel', 'contracts', 'dialects', 'routing', 'event-sourcing', 'event-log'];

const SPEC = '\\.spec\\.ts$|\\.contract\\.ts$|/test/|/src/testing/|^apps/system-tests/|^libs/testkit/';
/** Specs, and what measures by hand: neither ships. */
const NOT_SHIPPED = `${SPEC}|/bench/`;
/** Folders of a service that are its edges; every other folder below `src` is a feature. Files right below `src` wire. */
const EDGES = 'api|adapters|migrations|jobs';
const FEATURE = `^apps/(${services.join('|')})/src/(?!(${EDGES})/)[^/]+/`;
/** Libraries that only compute. dialects may hash and sign. */
const PURE_LIBRARIES = '^libs/(contracts|routing|event-log|directory)/src/';
const FRAMEWORKS = '(^|/)node_modules/(@nestjs|typeorm|pg|kafkajs|undici|fastify|@fastify|@grpc|rxjs|pino|prom-client)(/|$)';

const anyOf = (names) => `(${names.join('|')})`;
const packageOf = (names) => `^libs/${anyOf(names)}/`;
const except = (names) => `^libs/(?!${anyOf(names)}/)[^/]+/`;

const layers = Object.entries(libraries).map(([name, allowed]) => ({
  name: `${name}-imports-only-its-own`,
  comment: `libs/${name} may import ${allowed.length === 0 ? 'no package of ours' : allowed.join(', ')}.`,
  severity: 'error',
  from: { path: `^libs/${name}/`, pathNot: NOT_SHIPPED },
  to: { path: except([name, ...allowed]) },
}));

const specLayers = Object.entries(libraries).map(([name, allowed]) => ({
  name: `${name}-specs-import-only-its-own`,
  comment: `Specs of libs/${name} may import what it may, and testkit.`,
  severity: 'error',
  from: { path: `^libs/${name}/.*(${SPEC})` },
  to: { path: except([name, ...allowed, 'testkit', 'tooling']) },
}));

module.exports = {
  forbidden: [
    ...layers,
    ...specLayers,
    {
      name: 'services-import-ports-not-adapters',
      comment: 'A service knows the log, the directory and the database by their ports. Which log it is, its main.ts says through the host\'s bindings.',
      severity: 'error',
      from: { path: `^apps/${anyOf(services)}/`, pathNot: NOT_SHIPPED },
      to: { path: except(forServices) },
    },
    {
      name: 'no-app-imports-an-app',
      comment: 'Services meet over topics and ports. Only all-in-one composes them.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: '^apps/all-in-one/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'all-in-one-takes-modules-only',
      comment: 'all-in-one imports `@hooklane/<service>/module` and nothing deeper.',
      severity: 'error',
      from: { path: '^apps/all-in-one/' },
      to: { path: '^apps/(?!all-in-one/)', pathNot: `^apps/${anyOf(services)}/dist/[a-z-]+\\.module\\.(d\\.ts|js)$` },
    },
    {
      name: 'no-lib-imports-an-app',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'features-are-pure',
      comment: 'A feature computes: time, ids and randomness are arguments, and what it needs from outside is in its service\'s ports.ts.',
      severity: 'error',
      from: { path: FEATURE, pathNot: NOT_SHIPPED },
      to: { path: FRAMEWORKS },
    },
    {
      name: 'features-run-on-pure-packages',
      comment: 'A feature may name the types of what it is handed (a logger, a store), and runs code of the pure packages only.',
      severity: 'error',
      from: { path: FEATURE, pathNot: NOT_SHIPPED },
      to: { path: except(forFeatures), dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'features-do-not-know-node',
      severity: 'error',
      from: { path: FEATURE, pathNot: NOT_SHIPPED },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'features-do-not-know-the-edges',
      comment: 'api/, adapters/, consumers and modules import features, never the reverse.',
      severity: 'error',
      from: { path: FEATURE, pathNot: NOT_SHIPPED },
      to: { path: `^apps/[^/]+/src/((${EDGES})/|[^/]+\\.(consumer|module|config)\\.ts$|main\\.ts$)` },
    },
    {
      name: 'pure-libraries-know-no-framework',
      severity: 'error',
      from: { path: PURE_LIBRARIES, pathNot: NOT_SHIPPED },
      to: { path: FRAMEWORKS },
    },
    {
      name: 'dialects-only-hash',
      comment: 'Dialects may use node:crypto, and nothing else of Node.',
      severity: 'error',
      from: { path: '^libs/dialects/src/', pathNot: NOT_SHIPPED },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'kafkajs-in-one-package',
      severity: 'error',
      from: { pathNot: '^libs/event-log-kafka/' },
      to: { path: '(^|/)node_modules/kafkajs/' },
    },
    {
      name: 'undici-in-one-file',
      comment: 'All that leaves for receivers goes through the guarded connector.',
      severity: 'error',
      from: { pathNot: '^apps/delivery/src/adapters/http-sender\\.ts$' },
      to: { path: '(^|/)node_modules/undici/' },
    },
    {
      name: 'embedded-never-loads-kafka',
      comment: 'The embedded process must not load a Kafka client: neither its bindings nor the host\'s common part may name the adapter.',
      severity: 'error',
      from: { path: '^libs/service-host/src/(?!kafka/)|^apps/all-in-one/' },
      to: { path: '^libs/event-log-kafka/|^libs/service-host/(src|dist)/kafka/' },
    },
    {
      name: 'host-core-knows-no-adapter',
      comment: 'Adapters are named by the host\'s ./embedded and ./kafka entries only.',
      severity: 'error',
      from: { path: '^libs/service-host/src/(?!embedded/|kafka/)', pathNot: NOT_SHIPPED },
      to: { path: packageOf(['event-log-embedded', 'event-log-kafka', 'embedded-postgres']) },
    },
    {
      name: 'testkit-is-for-specs',
      severity: 'error',
      from: { pathNot: NOT_SHIPPED },
      to: { path: '^libs/testkit/' },
    },
    {
      name: 'packages-are-entered-by-name',
      comment: 'No relative import leaves its package.',
      severity: 'error',
      from: { path: '^(apps|libs)/([^/]+)/', pathNot: '^eslint\\.config' },
      to: { path: '^(apps|libs)/[^/]+/src/', pathNot: '^$1/$2/' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'nothing-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'dependencies-are-declared',
      comment: 'What a file imports stands in its own package.json.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-development-dependencies-in-what-ships',
      severity: 'error',
      from: { path: '^(apps|libs)/[^/]+/src/', pathNot: NOT_SHIPPED },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-orphans',
      comment: 'A file that nobody imports and that imports nothing is dead.',
      severity: 'error',
      from: { orphan: true, path: '^(apps|libs)/[^/]+/src/', pathNot: `${NOT_SHIPPED}|/main\\.ts$|\\.d\\.ts$` },
      to: {},
    },
  ],
};
