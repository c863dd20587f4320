import { AppError } from '@hooklane/kernel';
import { CHARACTERS_PER_UNIT, charactersIn, COST_KEYWORD, isObject, NAMES_PER_UNIT, priceOf, sizeOf, UNIQUE_ITEMS_MAX } from './event-schema-price.js';

/** Compiling takes milliseconds for each kilobyte, on the loop that everybody shares. */
const SCHEMA_LENGTH_MAX = 64 * 1024;
const DEPTH_MAX = 32;
const NODES_MAX = 5_000;
const DIALECT = /^https?:\/\/json-schema\.org\/draft\/2020-12\/schema#?$/;

/** Keywords whose value maps names to schemas. */
const SCHEMA_MAPS = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas', 'dependencies']);
/** Keywords whose value is one schema, or a list of them. */
const SCHEMAS = new Set(
  'items prefixItems contains additionalProperties unevaluatedProperties unevaluatedItems propertyNames not if then else allOf anyOf oneOf'.split(' '),
);
/** Keywords whose subschemas are only looked at where a reference leads to them. */
const DEFINITIONS = new Set(['$defs', 'definitions']);
/** Keywords whose value the event's is compared with. */
const COMPARED = new Set(['const', 'enum']);
/** Keywords whose value is data; any other value that is an object may be what a reference leads to. */
const DATA = new Set(['const', 'enum', 'default', 'examples', 'required', 'dependentRequired', '$vocabulary']);
interface Counter {
  nodes: number;
}

/**
 * Parses a tenant's schema, refuses what could hold up the loop, and writes into each subschema what it costs to look at it.
 * @throws AppError `invalid-schema`
 */
export function prepareSchema(text: string): Record<string, unknown> | boolean {
  if (text.length > SCHEMA_LENGTH_MAX) throw invalidSchema('', `has more than ${SCHEMA_LENGTH_MAX} characters`);
  const schema = parseJson(text);
  if (typeof schema !== 'boolean' && !isObject(schema)) throw invalidSchema('', 'is neither an object nor a boolean');
  checkSize(schema, '', { nodes: 0 }, 1);
  if (isObject(schema) && '$schema' in schema && !(typeof schema.$schema === 'string' && DIALECT.test(schema.$schema))) {
    throw invalidSchema('/$schema', 'is not "https://json-schema.org/draft/2020-12/schema", the only dialect there is');
  }
  return isObject(schema) ? priced(schema, '') : schema;
}

function priced(schema: Record<string, unknown>, pointer: string): Record<string, unknown> {
  checkKeywords(schema, pointer);
  let fixed = 1;
  const members = Object.entries(schema).map(([name, value]): [string, unknown] => {
    const at = `${pointer}/${escape(name)}`;
    if (SCHEMA_MAPS.has(name) && isObject(value)) {
      const children = Object.entries(value);
      if (!DEFINITIONS.has(name)) fixed += children.length / NAMES_PER_UNIT;
      return [name, Object.fromEntries(children.map(([key, child]) => [key, pricedAny(child, `${at}/${escape(key)}`)]))];
    }
    if (SCHEMAS.has(name)) {
      if (!Array.isArray(value)) return [name, pricedAny(value, at)];
      // An alternative whose type is wrong is done before it could pay for itself.
      fixed += value.length;
      return [name, branches(name, value, at)];
    }
    fixed += sizeOf(value) + (COMPARED.has(name) ? charactersIn(value) / CHARACTERS_PER_UNIT : 0);
    return [name, DATA.has(name) ? value : pricedAny(value, at)];
  });
  return { ...Object.fromEntries(members), [COST_KEYWORD]: priceOf(schema, fixed) };
}

/** An alternative that never fits comes last: when ajv enters it, the errors that the one before it has left are paid for. */
function branches(name: string, schemas: readonly unknown[], pointer: string): unknown[] {
  const children = schemas.map((child, index) => pricedAny(child, `${pointer}/${index}`));
  return (name === 'anyOf' || name === 'oneOf') && children.length > 0 ? [...children, priced({ not: {} }, pointer)] : children;
}

function pricedAny(value: unknown, pointer: string): unknown {
  return isObject(value) ? priced(value, pointer) : value;
}

function checkKeywords(schema: Record<string, unknown>, pointer: string): void {
  for (const name of ['$ref', '$dynamicRef']) {
    const reference = schema[name];
    if (typeof reference === 'string' && !reference.startsWith('#')) throw invalidSchema(`${pointer}/${name}`, 'does not refer to a place in this schema ("#…")');
  }
  // ajv's own: would make the check a promise, which is always true.
  if ('$async' in schema) throw invalidSchema(`${pointer}/$async`, 'is no keyword of JSON Schema');
  if (COST_KEYWORD in schema) throw invalidSchema(`${pointer}/${COST_KEYWORD}`, 'is reserved');
  const { uniqueItems, maxItems } = schema;
  if (uniqueItems === true && !(typeof maxItems === 'number' && maxItems <= UNIQUE_ITEMS_MAX)) {
    throw invalidSchema(`${pointer}/uniqueItems`, `needs a "maxItems" of at most ${UNIQUE_ITEMS_MAX} beside it`);
  }
}

function checkSize(value: unknown, pointer: string, seen: Counter, depth: number): void {
  if (++seen.nodes > NODES_MAX) throw invalidSchema('', `has more than ${NODES_MAX} members and list elements`);
  if (typeof value !== 'object' || value === null) return;
  if (depth > DEPTH_MAX) throw invalidSchema(pointer, `is nested more than ${DEPTH_MAX} levels deep`);
  for (const [name, child] of Object.entries(value)) checkSize(child, `${pointer}/${escape(name)}`, seen, depth + 1);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidSchema('', 'is not JSON');
  }
}

function escape(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** @param pointer into the schema itself */
export function invalidSchema(pointer: string, message: string): AppError {
  const place = pointer === '' ? 'it' : pointer;
  return new AppError('invalid-schema', `The JSON Schema cannot be used: ${place} ${message}.`, { details: { errors: [{ pointer: `/schema${pointer}`, message }] } });
}
