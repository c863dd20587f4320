import { Ajv2020, _, str, type CodeKeywordDefinition, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import names from 'ajv/dist/compile/names.js';
import formatsPlugin from 'ajv-formats';
import { isMultipleOf } from './decimal-multiple.js';
import { invalidSchema, prepareSchema } from './event-schema-cost.js';
import { COST_KEYWORD, costOf, type SchemaPrice } from './event-schema-price.js';
import { compileLinearRegex } from './linear-regex.js';

/** An event type's JSON Schema, compiled. */
export interface EventSchema {
  /** @returns null when the data fits, else the first place that does not */
  check(data: unknown): SchemaViolation | null;
}

export interface SchemaViolation {
  /** JSON pointer into the event's data (RFC 6901); empty for the whole of it. */
  readonly pointer: string;
  readonly message: string;
}

/**
 * What one check may cost: a unit is one keyword's value looked at, or 1,000 steps of a regular expression; some 50 ns.
 * References can nest, so that a small schema asks for 2^30 of them.
 */
const COST_MAX = 500_000;
const REGEX_STEPS_PER_UNIT = 1_000;
/** Behind a reference that failed, ajv copies the errors collected so far. */
const ERRORS_COPIED_PER_UNIT = 32;

interface Budget {
  left: number;
}

/**
 * Compiles a JSON Schema (2020-12). Patterns are RE2 expressions, linear in the text; references reach only into the schema itself;
 * a check that becomes too expensive ends with a violation that says so.
 * @param text the schema as JSON
 * @throws AppError `invalid-schema`, `errors[].pointer` names the place in the schema, beginning with `/schema`
 */
export function compileEventSchema(text: string): EventSchema {
  const budget: Budget = { left: COST_MAX };
  const validate = compile(prepareSchema(text), budget);
  return {
    check(data) {
      budget.left = COST_MAX;
      return firstViolation(validate, data);
    },
  };
}

function compile(schema: Record<string, unknown> | boolean, budget: Budget): ValidateFunction {
  // One ajv a schema: it remembers what it compiled by $id, and two tenants' schemas may have the same.
  const ajv = new Ajv2020({ strict: false, inlineRefs: false, logger: false, code: { regExp: linearRegExp(budget), process: requirePriced } });
  // Before all other keywords: what stands behind one that fails is not run, and would not be paid for.
  ajv.addKeyword({ ...costKeyword(budget), before: ajv.RULES.rules[0]?.rules[0]?.keyword });
  // ajv divides doubles, by which 19.99 is no multiple of 0.01.
  ajv.removeKeyword('multipleOf').addKeyword({
    keyword: 'multipleOf',
    type: 'number',
    schemaType: 'number',
    errors: false,
    validate: (step: number, value: number) => isMultipleOf(value, step),
    error: { message: ({ schemaCode }) => str`must be multiple of ${schemaCode}` },
  });
  formatsPlugin.default(ajv, { mode: 'fast' });
  try {
    return ajv.compile(schema);
  } catch (error) {
    if (error instanceof UnpricedSchema) throw invalidSchema('', 'refers to a place that is no schema');
    throw invalidSchema('', error instanceof RangeError ? 'refers to itself without end' : `cannot be compiled: ${(error as Error).message}`);
  }
}

/** Generated rather than called with a value, since only generated code knows how many errors there are. */
function costKeyword(budget: Budget): CodeKeywordDefinition {
  return {
    keyword: COST_KEYWORD,
    code({ gen, schema, data }) {
      const pay = gen.scopeValue('func', {
        ref: (price: SchemaPrice, value: unknown, errors: number) => spend(budget, costOf(price, value) + errors / ERRORS_COPIED_PER_UNIT),
      });
      const price = gen.scopeValue('obj', { ref: schema as SchemaPrice });
      gen.code(_`${pay}(${price}, ${data}, ${names.default.errors})`);
    },
  };
}

/** A reference leads into data. */
class UnpricedSchema extends Error {}

/** ajv makes a function of whatever a reference leads to, and follows it into a `const`, too. Its own meta-schemas run at compile only. */
function requirePriced(code: string, env?: { schema: unknown; root: { meta?: boolean } }): string {
  const priced = typeof env?.schema !== 'object' || env.schema === null || COST_KEYWORD in env.schema;
  if (!priced && env.root.meta !== true) throw new UnpricedSchema();
  return code;
}

/** What ajv calls instead of `new RegExp` for `pattern` and `patternProperties`. */
function linearRegExp(budget: Budget): ((pattern: string) => { test(text: string): boolean }) & { code: string } {
  const make = (pattern: string) => {
    const regex = compileLinearRegex(pattern);
    return {
      test(text: string) {
        spend(budget, (text.length * regex.programSize) / REGEX_STEPS_PER_UNIT);
        return regex.test(text);
      },
      // ajv tells patterns apart by this text; without it all are the first one.
      toString: () => `/${pattern}/u`,
    };
  };
  return Object.assign(make, { code: 'linearRegExp' });
}

class CostExceeded extends Error {}

function spend(budget: Budget, cost: number): void {
  budget.left -= cost;
  if (budget.left < 0) throw new CostExceeded();
}

function firstViolation(validate: ValidateFunction, data: unknown): SchemaViolation | null {
  try {
    if (validate(data) === true) return null;
  } catch (error) {
    // A RangeError is the stack's end: references that go round without descending into the data.
    if (error instanceof CostExceeded || error instanceof RangeError) return { pointer: '', message: 'is too expensive to check against its schema' };
    throw error;
  }
  const error = validate.errors?.[0];
  return error ? { pointer: pointerOf(error), message: error.message ?? 'does not fit the schema' } : { pointer: '', message: 'does not fit the schema' };
}

/** For a member that is missing or too much, the place is the member rather than the object around it. */
function pointerOf(error: ErrorObject): string {
  const { missingProperty, additionalProperty, unevaluatedProperty } = error.params as Record<string, unknown>;
  const member = missingProperty ?? additionalProperty ?? unevaluatedProperty;
  return typeof member === 'string' ? `${error.instancePath}/${member.replaceAll('~', '~0').replaceAll('/', '~1')}` : error.instancePath;
}
