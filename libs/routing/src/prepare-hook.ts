import type { HookChanged } from '@hooklane/contracts/topics';
import { AppError } from '@hooklane/kernel';
import { matchesEventType, parseEventTypePattern, type EventTypePattern } from './event-type-pattern.js';
import { compileFilter, type CompiledFilter } from './filter.js';
import type { HookMatcher, MatchResult } from './matcher.js';

const MATCHED: MatchResult = { matched: true };

/**
 * Prepares a hook's conditions once per version of it.
 * @throws AppError `invalid-hook` where an event type pattern or the filter is not one
 */
export function prepareHook(hook: HookChanged): HookMatcher {
  const patterns = matchedTypesOf(hook).map(requirePattern);
  const projects = new Set(hook.projects);
  const filter = hook.filter === '' ? null : compileFilter(parseJson(hook.filter));
  return {
    hook,
    match({ event, projectNames, parsedData }) {
      if (event.tenantId !== hook.tenantId) return { matched: false, condition: 'tenant', detail: 'The hook belongs to another tenant.' };
      if (!patterns.some((pattern) => matchesEventType(pattern, event.type))) return wrongType(hook, event.type);
      if (projects.size > 0 && !projectNames().some((name) => projects.has(name))) return wrongProject(hook, event.project);
      if (filter === null) return MATCHED;
      const result = filter.test(filter.readsData ? parsedData() : undefined, event.attributes);
      return result.ok ? MATCHED : new FilteredOut(result);
    },
  };
}

/** The event types by which a hook is chosen: those of its owner, or what its dialect makes of them (its other names for the same). */
export function matchedTypesOf({ matchedTypes, eventTypes }: Pick<HookChanged, 'matchedTypes' | 'eventTypes'>): readonly string[] {
  return matchedTypes.length > 0 ? matchedTypes : eventTypes;
}

function requirePattern(text: string): EventTypePattern {
  const pattern = parseEventTypePattern(text);
  if (pattern) return pattern;
  const message = `"${text}" is neither an event type, a prefix such as "order.*", nor "*"`;
  throw new AppError('invalid-hook', `The hook's event types cannot be used: ${message}.`, { details: { errors: [{ pointer: '/eventTypes', message }] } });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError('invalid-hook', 'The filter is not JSON.', { details: { errors: [{ pointer: '/filter', message: 'is not JSON' }] }, cause });
  }
}

function wrongType(hook: HookChanged, type: string): MatchResult {
  return { matched: false, condition: 'event-type', detail: `The hook wants ${hook.eventTypes.join(', ')}; the event is ${type}.` };
}

function wrongProject(hook: HookChanged, project: string): MatchResult {
  const found = project === '' ? 'the event has no project' : `the event's is ${project}`;
  return { matched: false, condition: 'project', detail: `The hook wants events of ${hook.projects.join(', ')}; ${found}.` };
}

/** Fan-out throws most of these away unread, so the sentence is made when somebody reads it. */
class FilteredOut {
  readonly matched = false;
  readonly condition = 'filter';

  constructor(private readonly failure: Extract<ReturnType<CompiledFilter['test']>, { ok: false }>) {}

  get detail(): string {
    return `The filter's ${this.failure.operator} was not fulfilled: ${this.failure.detail}.`;
  }
}
