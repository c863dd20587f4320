import type { HookChanged } from '@hooklane/contracts/topics';
import type { HookMatcher, MatchableEvent } from './matcher.js';
import { matchesEventType, parseEventTypePattern } from './event-type-pattern.js';
import { matchedTypesOf, prepareHook } from './prepare-hook.js';

/** Types remembered per tenant; a tenant with more pays the selection again. */
const TYPES_REMEMBERED = 1_000;

/** The hooks of one tenant, selected by event type. Made from one `Directory.hooksOf` array, which is replaced whenever a hook changes. */
export class TenantMatcher {
  private readonly byType = new Map<string, readonly HookMatcher[]>();

  constructor(private readonly hooks: readonly HookMatcher[]) {}

  /** The hooks that want the event, in hook id order, enabled or not. */
  match(matchable: MatchableEvent): readonly HookMatcher[] {
    const candidates = this.candidates(matchable.event.type);
    const firstOut = candidates.findIndex((candidate) => !candidate.match(matchable).matched);
    // Most often nothing but the type decides, and the remembered list is the answer.
    if (firstOut === -1) return candidates;
    return [...candidates.slice(0, firstOut), ...candidates.slice(firstOut + 1).filter((candidate) => candidate.match(matchable).matched)];
  }

  private candidates(type: string): readonly HookMatcher[] {
    const known = this.byType.get(type);
    if (known) return known;
    const selected = this.hooks.filter(({ hook }) => matchedTypesOf(hook).some((text) => wants(text, type)));
    if (this.byType.size >= TYPES_REMEMBERED) this.byType.clear();
    this.byType.set(type, selected);
    return selected;
  }
}

/** Keeps each hook's matcher for as long as that version of it lives, and each tenant's selection for as long as its list does. */
export class TenantMatchers {
  private readonly hookMatchers = new WeakMap<HookChanged, HookMatcher | null>();
  private readonly tenantMatchers = new WeakMap<readonly HookChanged[], TenantMatcher>();

  /** @param unusable told once of a hook whose conditions cannot be prepared (the registry refuses those); it matches nothing */
  constructor(private readonly unusable: (hook: HookChanged, error: unknown) => void) {}

  /** @param hooks what `Directory.hooksOf(tenant)` says now */
  of(hooks: readonly HookChanged[]): TenantMatcher {
    const known = this.tenantMatchers.get(hooks);
    if (known) return known;
    const made = new TenantMatcher(hooks.map((hook) => this.prepared(hook)).filter((matcher) => matcher !== null));
    this.tenantMatchers.set(hooks, made);
    return made;
  }

  private prepared(hook: HookChanged): HookMatcher | null {
    const known = this.hookMatchers.get(hook);
    if (known !== undefined) return known;
    const made = this.prepare(hook);
    this.hookMatchers.set(hook, made);
    return made;
  }

  private prepare(hook: HookChanged): HookMatcher | null {
    try {
      return prepareHook(hook);
    } catch (error) {
      this.unusable(hook, error);
      return null;
    }
  }
}

function wants(text: string, type: string): boolean {
  const pattern = parseEventTypePattern(text);
  return pattern !== null && matchesEventType(pattern, type);
}
