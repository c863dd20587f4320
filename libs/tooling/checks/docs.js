import { existsSync, readFileSync } from 'node:fs';
import { root } from '../driver/root.js';

/**
 * @typedef {object} Checklist
 * @property {string} page under docs/dialects
 * @property {string} rows what their names begin with
 * @property {number} count
 * @property {string} code the folder of the product: once it is there, so is its page
 */

/** @type {Checklist[]} */
export const checklists = [
  { page: 'taiga.md', rows: 'T', count: 18, code: 'libs/dialects/src/taiga' },
  { page: 'backlog.md', rows: 'B', count: 17, code: 'libs/dialects/src/backlog' },
  { page: 'tiki.md', rows: 'K', count: 18, code: 'apps/event-ingest/src/inbound' },
  { page: 'icescrum.md', rows: 'I', count: 19, code: 'libs/dialects/src/icescrum' },
  { page: 'worksection.md', rows: 'W', count: 28, code: 'libs/dialects/src/worksection' },
];

/** Every row of every product's checklist names tests that are there. */
export async function docs() {
  const complaints = checklists.flatMap((checklist) => {
    const page = `docs/dialects/${checklist.page}`;
    if (existsSync(`${root}/${page}`)) return rowComplaints(page, readFileSync(`${root}/${page}`, 'utf8'), checklist, ourText);
    return existsSync(`${root}/${checklist.code}`) ? [`${page} is missing: the checklist of ${checklist.rows}1 to ${checklist.rows}${checklist.count} with a test for each row.`] : [];
  });
  return { ok: complaints.length === 0, output: complaints.join('\n') };
}

function ourText(path) {
  return existsSync(`${root}/${path}`) ? readFileSync(`${root}/${path}`, 'utf8') : null;
}

/**
 * @param {string} page its path, for the complaints
 * @param {string} text of the page; its rows are `| T1 | requirement | tests |`, each test `path › title` in backticks
 * @param {Pick<Checklist, 'rows' | 'count'>} checklist
 * @param {(path: string) => string | null} textOf a file of the project; null: there is none
 * @returns {string[]} a line for each row that is missing, there twice, unknown, or without a test that exists
 */
export function rowComplaints(page, text, { rows, count }, textOf) {
  const found = text.split('\n').flatMap((line) => rowOf(line, rows) ?? []);
  const wanted = Array.from({ length: count }, (_, index) => `${rows}${index + 1}`);
  const occurrences = (name) => found.filter((row) => row.name === name).length;
  return [
    ...wanted.filter((name) => occurrences(name) === 0).map((name) => `${page}: the row ${name} is missing.`),
    ...wanted.filter((name) => occurrences(name) > 1).map((name) => `${page}: the row ${name} is there ${occurrences(name)} times.`),
    ...found.filter(({ name }) => !wanted.includes(name)).map(({ name }) => `${page}: the checklist has no row ${name}.`),
    ...found.flatMap((row) => testComplaints(page, row, textOf)),
  ];
}

/** Cells end at a bar that no backslash stands before. */
function rowOf(line, rows) {
  const [, name, requirement = '', ...cells] = line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'));
  return name !== undefined && new RegExp(`^${rows}\\d+$`).test(name) ? { name, requirement, tests: [...cells.join(' ').matchAll(/`([^`]+ › [^`]+)`/g)].map(([, test]) => test) } : null;
}

function testComplaints(page, { name, requirement, tests }, textOf) {
  if (requirement === '') return [`${page}: ${name} does not say what it asks for.`];
  if (tests.length === 0) return [`${page}: ${name} names no test (\`path › title\`).`];
  return tests.flatMap((test) => {
    const [path, ...titles] = test.split(' › ').map((part) => part.trim());
    if (!/\.spec\.ts$/.test(path)) return [`${page}: ${name} names ${path}, which is no spec.`];
    const text = textOf(path);
    if (text === null) return [`${page}: ${name} names ${path}, which is not there.`];
    const strings = text.replaceAll("\\'", "'").replaceAll('\\"', '"').replaceAll('\\`', '`');
    return titles.filter((title) => !strings.includes(title)).map((title) => `${page}: ${name}: ${path} has no "${title}".`);
  });
}
