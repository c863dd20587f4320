import { AppError } from '@hooklane/kernel';
import { filterOperators } from './filter-operators.js';

/** One member name of a filter: a field of that name, else the path its dots spell. */
export interface FilterStep {
  readonly name: string;
  readonly parts: readonly string[] | null;
}

interface FilterPlace {
  /** From the event down to the value that is looked at. */
  readonly steps: readonly FilterStep[];
  /** The same as a JSON pointer. */
  readonly path: string;
  readonly operator: string;
  /** What must be so: "must be at least 5". */
  readonly expectation: string;
}

export type FilterNode = FilterPlace &
  (
    | { readonly kind: 'all' | 'any'; readonly children: readonly FilterNode[] }
    | { readonly kind: 'not'; readonly child: FilterNode }
    | { readonly kind: 'field'; readonly step: FilterStep; readonly child: FilterNode }
    | { readonly kind: 'test'; readonly holds: (value: unknown) => boolean }
  );

/** Levels of objects and lists in a filter. */
const DEPTH_MAX = 16;
/** Members and list elements in a filter; with the cap of a regular expression it bounds what one test of an event can cost. */
const NODES_MAX = 1_000;
const REGEX_MAX = 20;
const LOGICAL = new Set(['$and', '$or', '$not']);

/** @throws AppError `invalid-hook` */
export function parseFilter(filter: unknown): { root: FilterNode; readsData: boolean } {
  checkSize(filter, '/filter', { nodes: 0, regexes: 0 }, 1);
  if (!isObject(filter)) throw invalid('/filter', 'must be an object');
  const context = { readsData: false };
  return { root: parseObject(filter, { pointer: '/filter', path: '', steps: [], context }), readsData: context.readsData };
}

interface Scope {
  readonly pointer: string;
  readonly path: string;
  readonly steps: readonly FilterStep[];
  readonly context: { readsData: boolean };
}

function parseObject(object: Record<string, unknown>, scope: Scope): FilterNode {
  const children = Object.entries(object).map(([name, value]) => parseMember(name, value, { ...scope, pointer: `${scope.pointer}/${escape(name)}` }, scope));
  if (children.length === 1 && children[0]) return children[0];
  return { kind: 'all', children, ...place(scope, '$and', 'must fulfil every condition') };
}

function parseMember(name: string, value: unknown, here: Scope, parent: Scope): FilterNode {
  if (LOGICAL.has(name)) return parseLogical(name, value, here, parent);
  if (name.startsWith('$')) return parseOperator(name, value, here);
  if (parent.steps.length === 0) {
    if (name !== 'data' && name !== 'attributes') throw invalid(here.pointer, 'is neither "data", "attributes" nor one of $and, $or, $not');
    if (name === 'data') here.context.readsData = true;
  }
  const step: FilterStep = { name, parts: name.includes('.') ? name.split('.') : null };
  const inner: Scope = { ...here, path: `${here.path}/${escape(name)}`, steps: [...here.steps, step] };
  const child = isObject(value) ? parseObject(value, inner) : parseOperator('$eq', value, inner);
  return { kind: 'field', step, child, ...place(inner, child.operator, child.expectation) };
}

function parseLogical(name: string, value: unknown, here: Scope, parent: Scope): FilterNode {
  const scope = { ...parent, pointer: here.pointer };
  if (name === '$not') {
    if (!isObject(value)) throw invalid(here.pointer, 'must be an object');
    return { kind: 'not', child: parseObject(value, scope), ...place(scope, name, 'must not fulfil the condition') };
  }
  if (!Array.isArray(value) || value.length === 0) throw invalid(here.pointer, 'must be a list of at least one condition');
  const children = value.map((item: unknown, index) => {
    const pointer = `${here.pointer}/${index}`;
    if (!isObject(item)) throw invalid(pointer, 'must be an object');
    return parseObject(item, { ...scope, pointer });
  });
  return name === '$or'
    ? { kind: 'any', children, ...place(scope, name, `must fulfil one of ${children.length} conditions`) }
    : { kind: 'all', children, ...place(scope, name, 'must fulfil every condition') };
}

function parseOperator(name: string, operand: unknown, scope: Scope): FilterNode {
  const operator = Object.hasOwn(filterOperators, name) ? filterOperators[name] : undefined;
  if (!operator) throw invalid(scope.pointer, `"${name}" is not an operator; there are ${[...Object.keys(filterOperators), ...LOGICAL].join(' ')}`);
  if (scope.steps.length === 0) throw invalid(scope.pointer, 'stands outside of "data" and "attributes"');
  const compiled = operator(operand);
  if (typeof compiled === 'string') throw invalid(scope.pointer, compiled);
  return { kind: 'test', holds: compiled.holds, ...place(scope, name, compiled.expectation) };
}

function place(scope: Scope, operator: string, expectation: string): FilterPlace {
  return { steps: scope.steps, path: scope.path === '' ? '/' : scope.path, operator, expectation };
}

function checkSize(value: unknown, pointer: string, seen: { nodes: number; regexes: number }, depth: number): void {
  if (++seen.nodes > NODES_MAX) throw invalid('/filter', `must have at most ${NODES_MAX} members and list elements`);
  if (typeof value !== 'object' || value === null) return;
  if (depth > DEPTH_MAX) throw invalid(pointer, `is nested more than ${DEPTH_MAX} levels deep`);
  for (const [name, child] of Object.entries(value)) {
    if (name === '$regex' && ++seen.regexes > REGEX_MAX) throw invalid('/filter', `must have at most ${REGEX_MAX} regular expressions`);
    checkSize(child, `${pointer}/${escape(name)}`, seen, depth + 1);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** RFC 6901, section 3. */
function escape(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function invalid(pointer: string, message: string): AppError {
  return new AppError('invalid-hook', `The filter cannot be used: ${pointer} ${message}.`, { details: { errors: [{ pointer, message }] } });
}
