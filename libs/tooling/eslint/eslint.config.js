import tseslint from 'typescript-eslint';
import { root } from '../driver/root.js';

/** The only files that read the environment; everybody else is handed a checked configuration (style rule 8). */
const ENVIRONMENT_READERS = ['**/*.config.ts', /* once for all services of a process */ 'libs/service-host/src/process/start-service.ts', 'libs/testkit/**', 'apps/system-tests/**', 'apps/all-in-one/src/main.ts', '**/*.spec.ts', 'apps/*/test/**'];
const SPECS = ['**/*.spec.ts', '**/*.contract.ts', 'apps/*/test/**/*.ts', 'libs/*/test/**/*.ts'];

const NAMED_EXPORTS = [
  { selector: 'ExportDefaultDeclaration, ExportSpecifier[exported.name="default"]', message: 'Named exports only: one thing has one name everywhere.' },
  { selector: 'ExportAllDeclaration[exported=null]', message: 'Name what is exported; `export *` hides it.' },
];
const NO_ENVIRONMENT = [
  { selector: 'MemberExpression[object.name="process"][property.name="env"]', message: 'Only a service\'s config file reads the environment; take the value as an argument.' },
  { selector: 'VariableDeclarator[init.name="process"] > ObjectPattern', message: 'Only a service\'s config file reads the environment; take the value as an argument.' },
];
const WHOLE_TESTS = [
  { selector: 'MemberExpression[object.name=/^(it|test|describe)$/][property.name=/^(skip|only|todo|failing|concurrent)$/]', message: 'No skipped, lone or planned tests.' },
  { selector: 'CallExpression[callee.name=/^(xit|xtest|xdescribe|fit|fdescribe)$/]', message: 'No skipped or lone tests.' },
  { selector: 'MemberExpression[object.name="jest"][property.name="retryTimes"]', message: 'A test that needs a second try is wrong the first time.' },
];

const onlyIn = (packages, message) => packages.map((name) => ({ name, message }));
const KAFKAJS = onlyIn(['kafkajs'], 'Only libs/event-log-kafka knows kafkajs.');
const UNDICI = onlyIn(['undici'], 'Only the guarded sender of apps/delivery opens connections to receivers.');
const NODE_PROCESS = onlyIn(['node:process', 'process'], 'The environment is read in config files only.');
const DEEP = [{ group: ['@hooklane/*/dist/*', '@hooklane/*/src/*'], message: 'Packages are entered by what their package.json exports.' }];

export const config = tseslint.config(
  { ignores: ['**/node_modules/**', '**/dist/**', '**/dist.next/**', '**/src/gen/**', '**/.turbo/**', '**/coverage/**', '.hooklane/**', '**/*.{js,mjs,cjs}', '**/*.d.ts'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: root } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false, attributes: false } }],
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none', ignoreRestSiblings: true }],
      // `satisfies never` in a default branch is how a switch shows that it is exhaustive.
      '@typescript-eslint/no-unused-expressions': 'off',
      eqeqeq: 'error',
      'no-control-regex': 'error',
      'no-empty': 'error',
      'no-fallthrough': 'error',
      'no-unsafe-finally': 'error',
      'no-constant-binary-expression': 'error',
      'no-self-assign': 'error',
      'no-self-compare': 'error',
      'no-console': 'error',
      'no-restricted-syntax': ['error', ...NAMED_EXPORTS, ...NO_ENVIRONMENT],
      'no-restricted-imports': ['error', { paths: [...KAFKAJS, ...UNDICI, ...NODE_PROCESS], patterns: DEEP }],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
    },
  },
  { files: ENVIRONMENT_READERS, rules: { 'no-restricted-syntax': ['error', ...NAMED_EXPORTS] } },
  {
    files: SPECS,
    rules: {
      'no-restricted-syntax': ['error', ...NAMED_EXPORTS, ...WHOLE_TESTS],
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      '@typescript-eslint/explicit-module-boundary-types': 'off',
    },
  },
  // The contracts are lists by nature: generated code and schemas, whose names are the contract.
  { files: ['libs/contracts/src/**'], rules: { 'no-restricted-syntax': ['error', NAMED_EXPORTS[0], ...NO_ENVIRONMENT] } },
  // A contract suite is one long function of tests, exported for the adapters' specs.
  { files: ['libs/*/src/testing/**/*.ts'], rules: { 'max-lines-per-function': 'off', 'max-lines': 'off' } },
  { files: ['libs/event-log-kafka/**/*.ts'], rules: { 'no-restricted-imports': ['error', { paths: [...UNDICI, ...NODE_PROCESS], patterns: DEEP }] } },
  { files: ['apps/delivery/src/adapters/http-sender.ts'], rules: { 'no-restricted-imports': ['error', { paths: [...KAFKAJS, ...NODE_PROCESS], patterns: DEEP }] } },
  // Programs talk to a person at a terminal.
  { files: ['apps/*/src/main.ts', 'apps/all-in-one/src/**/*.ts', 'apps/system-tests/**/*.ts'], rules: { 'no-console': 'off' } },
  // Jest takes its global hooks as default exports.
  { files: ['libs/testkit/src/jest/*.ts'], rules: { 'no-restricted-syntax': ['error', ...NO_ENVIRONMENT] } },
);
