/** Stands in every subschema of a prepared schema; its value is the `SchemaPrice` of that subschema. */
export const COST_KEYWORD = 'x-hooklane-cost';

/** What looking at a value with one subschema costs, in units; the value's own share is what ajv's code does to the whole of it. */
export interface SchemaPrice {
  /** Whatever the value. */
  readonly fixed: number;
  readonly number: number;
  readonly character: number;
  readonly member: number;
  readonly item: number;
  /** For two items that are compared with each other. */
  readonly pair: number;
}

/** Comparing each item with each other: 1,000 items are half a million comparisons. */
export const UNIQUE_ITEMS_MAX = 1_000;
/** Keywords that look at every character, member or item themselves. */
const PER_CHARACTER = ['minLength', 'maxLength', 'format'];
const PER_MEMBER = ['minProperties', 'maxProperties', 'additionalProperties', 'unevaluatedProperties', 'propertyNames', 'patternProperties'];
const PER_ITEM = ['contains', 'unevaluatedItems'];
export const CHARACTERS_PER_UNIT = 32;
/** Names that are looked for in an object, or that a member is compared with to see whether it is an additional one. */
export const NAMES_PER_UNIT = 16;
const PAIRS_PER_UNIT = 8;
const DECIMAL_DIVISION = 10;

/**
 * @param schema a subschema as the tenant wrote it
 * @param fixed what it costs whatever the value
 */
export function priceOf(schema: Record<string, unknown>, fixed: number): SchemaPrice {
  const count = (names: readonly string[]) => names.filter((name) => name in schema).length;
  const names = isObject(schema.properties) ? Object.keys(schema.properties).length : 0;
  return {
    fixed,
    number: 'multipleOf' in schema ? DECIMAL_DIVISION : 0,
    character: count(PER_CHARACTER) / CHARACTERS_PER_UNIT,
    member: count(PER_MEMBER) * (1 + names / NAMES_PER_UNIT),
    item: count(PER_ITEM),
    pair: schema.uniqueItems === true ? 1 / PAIRS_PER_UNIT : 0,
  };
}

/** @returns units that looking at this value costs */
export function costOf(price: SchemaPrice, value: unknown): number {
  if (typeof value === 'string') return price.fixed + price.character * value.length;
  if (typeof value === 'number') return price.fixed + price.number;
  if (typeof value !== 'object' || value === null) return price.fixed;
  if (!Array.isArray(value)) return price.member === 0 ? price.fixed : price.fixed + price.member * Object.keys(value).length;
  const compared = Math.min(value.length, UNIQUE_ITEMS_MAX);
  return price.fixed + price.item * value.length + (price.pair * compared * compared) / 2;
}

/** @returns units for a keyword's value that is data */
export function sizeOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, child) => sum + sizeOf(child), 1);
}

export function charactersIn(value: unknown): number {
  return JSON.stringify(value).length;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
