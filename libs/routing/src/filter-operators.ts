import { isDeepEqual } from './deep-equal.js';
import { isInexact } from './exact-numbers.js';
import { compileLinearRegex } from './linear-regex.js';

export interface CompiledOperator {
  /** `value` is undefined where the field is not there. */
  holds(value: unknown): boolean;
  readonly expectation: string;
}

/** Prepares an operator for its operand. @returns a sentence that says what is wrong with the operand, where it cannot be used */
export type FilterOperator = (operand: unknown) => CompiledOperator | string;

type Comparable = number | string;

/** The operators that look at one value. `$and`, `$or` and `$not` combine conditions and stand in the parser. */
export const filterOperators: Readonly<Record<string, FilterOperator>> = {
  $eq: (operand) => onElements((value) => isDeepEqual(value, operand), `must be ${show(operand)}`),
  $neq: (operand) => opposite(onElements((value) => isDeepEqual(value, operand), ''), `must not be ${show(operand)}`),
  $gt: comparison('must be greater than', (value, operand) => value > operand),
  $gte: comparison('must be at least', (value, operand) => value >= operand),
  $lt: comparison('must be less than', (value, operand) => value < operand),
  $lte: comparison('must be at most', (value, operand) => value <= operand),
  $in: (operand) => (Array.isArray(operand) ? membership(operand) : 'must be a list'),
  $nin: (operand) => (Array.isArray(operand) ? opposite(membership(operand), `must be none of ${show(operand)}`) : 'must be a list'),
  $exist: (operand) => {
    if (typeof operand !== 'boolean') return 'must be true or false';
    return { holds: (value) => (value !== undefined) === operand, expectation: operand ? 'must be there' : 'must not be there' };
  },
  $startsWith: onText('must start with', (value, operand) => value.startsWith(operand)),
  $endsWith: onText('must end with', (value, operand) => value.endsWith(operand)),
  $regex: (operand) => {
    if (typeof operand !== 'string') return 'must be a string';
    try {
      const regex = compileLinearRegex(operand);
      return onElements((value) => typeof value === 'string' && regex.test(value), `must match the regular expression ${show(operand)}`);
    } catch (error) {
      return (error as Error).message;
    }
  },
};

function membership(operand: readonly unknown[]): CompiledOperator {
  // Scalars of a list are looked up; the rest is compared one by one.
  const scalars = new Set(operand.filter((item) => (typeof item !== 'object' || item === null) && !isInexact(item)));
  const others = operand.filter((item) => typeof item === 'object' && item !== null);
  return onElements((value) => scalars.has(value) || others.some((item) => isDeepEqual(value, item)), `must be one of ${show(operand)}`);
}

function comparison(expectation: string, compare: (value: Comparable, operand: Comparable) => boolean): FilterOperator {
  return (operand) => {
    if (typeof operand !== 'number' && typeof operand !== 'string') return 'must be a number or a string';
    return onElements((value) => typeof value === typeof operand && compare(value as Comparable, operand), `${expectation} ${show(operand)}`);
  };
}

function onText(expectation: string, test: (value: string, operand: string) => boolean): FilterOperator {
  return (operand) => {
    if (typeof operand !== 'string') return 'must be a string';
    return onElements((value) => typeof value === 'string' && test(value, operand), `${expectation} ${show(operand)}`);
  };
}

/** Holds for the value, or for one element of a value that is an array. */
function onElements(test: (value: unknown) => boolean, expectation: string): CompiledOperator {
  return { holds: (value) => value !== undefined && (test(value) || (Array.isArray(value) && value.some(test))), expectation };
}

function opposite(operator: CompiledOperator, expectation: string): CompiledOperator {
  return { holds: (value) => !operator.holds(value), expectation };
}

const SHOWN_LENGTH = 100;

function show(operand: unknown): string {
  const text = JSON.stringify(operand);
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}
