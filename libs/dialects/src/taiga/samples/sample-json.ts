import { arrayJson, objectJson, stringJson } from '../../product/json-text.js';

/** A number that Python holds as a float and writes with a point: `8.0`. */
export class Float {
  constructor(readonly value: number) {}
}

export type SampleValue = string | number | boolean | null | Float | readonly SampleValue[] | { readonly [name: string]: SampleValue };

/** JSON of a sample; what JSON.stringify would do, but for the spelling of floats. */
export function sampleJson(value: SampleValue): string {
  if (value instanceof Float) return Number.isInteger(value.value) ? `${value.value}.0` : String(value.value);
  if (Array.isArray(value)) return arrayJson(value.map(sampleJson), 'compact');
  if (typeof value === 'string') return stringJson(value);
  if (value === null || typeof value !== 'object') return String(value);
  return objectJson(Object.entries(value as { readonly [name: string]: SampleValue }).map(([name, member]) => [name, sampleJson(member)]), 'compact');
}
