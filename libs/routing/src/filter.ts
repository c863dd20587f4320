import { parseFilter, type FilterNode, type FilterStep } from './filter-parser.js';

export type FilterResult =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /** Where the first condition that failed looks, as a JSON pointer: `/data/amount`. */
      readonly path: string;
      /** The operator of that condition: `$gte`. */
      readonly operator: string;
      /** What was expected and what was found, for a person. Made when it is read. */
      readonly detail: string;
    };

export interface CompiledFilter {
  /** Whether any condition reads the data, so that it must be parsed. */
  readonly readsData: boolean;
  /** @param parsedData undefined where the event's data is not JSON */
  test(parsedData: unknown, attributes: Readonly<Record<string, string>>): FilterResult;
}

const OK: FilterResult = { ok: true };

/**
 * Compiles a hook's filter.
 *
 * The filter is an object with the members `data` and `attributes` (and `$and`, `$or`, `$not` over such objects). Below them a member names a field, or walks
 * a path when it has dots and there is no field of that very name; a plain value means `$eq`. All conditions of an object must hold.
 * A condition on a field that is an array holds when it holds for the array or for one of its elements; `$neq` and `$nin` are the opposites of `$eq` and `$in`.
 * `$gt` and its like compare numbers with numbers and strings with strings (by UTF-16 code units); everything else does not hold.
 * Numbers are compared as JavaScript reads them: whole ones beyond 2^53 equal nothing, and are greater or less after rounding. `findInexact` tells of a
 * filter that has such a one.
 *
 * @param filter the filter as parsed JSON
 * @throws AppError `invalid-hook` whose `errors[].pointer` names the place, beginning with `/filter`
 */
export function compileFilter(filter: unknown): CompiledFilter {
  const { root, readsData } = parseFilter(filter);
  return {
    readsData,
    test(parsedData, attributes) {
      const event = { data: parsedData, attributes };
      const failed = firstFailure(root, event, event);
      return failed === null ? OK : new FilterFailure(failed, event);
    },
  };
}

class FilterFailure {
  readonly ok = false;

  constructor(
    private readonly failed: FilterNode,
    private readonly event: unknown,
  ) {}

  get path(): string {
    return this.failed.path;
  }

  get operator(): string {
    return this.failed.operator;
  }

  get detail(): string {
    return `${this.failed.path} ${this.failed.expectation}, ${found(lookUp(this.event, this.failed.steps))}`;
  }
}

/** @returns the innermost condition that did not hold, null when all did. `scope` is the value that the enclosing condition looks at. */
function firstFailure(node: FilterNode, scope: unknown, event: unknown): FilterNode | null {
  switch (node.kind) {
    case 'all':
      for (const child of node.children) {
        const failed = firstFailure(child, scope, event);
        if (failed !== null) return failed;
      }
      return null;
    case 'any':
      return node.children.some((child) => firstFailure(child, scope, event) === null) ? null : node;
    case 'not':
      return firstFailure(node.child, scope, event) === null ? node : null;
    case 'field':
      return firstFailure(node.child, stepInto(scope, node.step), event);
    case 'test':
      return node.holds(scope) ? null : node;
    default:
      return node satisfies never;
  }
}

function stepInto(value: unknown, step: FilterStep): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  // Own members only: `constructor` is a field like any other.
  if (Object.hasOwn(value, step.name)) return (value as Record<string, unknown>)[step.name];
  return step.parts === null ? undefined : step.parts.reduce<unknown>((inner, name) => stepInto(inner, { name, parts: null }), value);
}

function lookUp(event: unknown, steps: readonly FilterStep[]): unknown {
  return steps.reduce(stepInto, event);
}

const SHOWN_LENGTH = 100;

function found(value: unknown): string {
  if (value === undefined) return 'but it is not there';
  const text = JSON.stringify(value) ?? 'undefined';
  return `but it is ${text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text}`;
}
