import type { HookDialectOptionsPatch } from '@hooklane/contracts/rest';
import { resolvedOptions, type Dialect, type DialectOptions } from '@hooklane/dialects';
import { sameJson } from './same-json.js';

/** Options that a hook has chosen; what is not in it is its dialect's own. */
export type DialectChoices = Partial<DialectOptions>;

type DialectRules = Pick<Dialect, 'options' | 'settableOptions'>;

/** As the table of hooks carries it. @returns JSON text; empty where nothing was chosen */
export function choicesText(choices: DialectChoices): string {
  return Object.keys(choices).length === 0 ? '' : JSON.stringify(choices);
}

/** What a hook does, of the options that its dialect lets one choose. */
export function shownChoices({ options, settableOptions }: DialectRules, choices: DialectChoices): DialectChoices {
  const resolved = resolvedOptions({ options }, choicesText(choices));
  return Object.fromEntries(settableOptions.map((name) => [name, resolved[name]]));
}

/** A merge patch over what was chosen. What is the dialect's own anyway counts as not chosen. */
export function patchedChoices({ options }: DialectRules, current: DialectChoices, patch: HookDialectOptionsPatch | null | undefined): DialectChoices {
  if (patch === null) return {};
  if (patch === undefined) return current;
  const chosen: Record<string, unknown> = { ...current };
  for (const [name, value] of Object.entries(patch)) {
    if (value === undefined) continue;
    if (value === null) delete chosen[name];
    else chosen[name] = merged(name, value, chosen[name] ?? options[name as keyof DialectOptions]);
  }
  return Object.fromEntries(Object.entries(chosen).filter(([name, value]) => !sameJson(value, options[name as keyof DialectOptions])));
}

/** @returns the names of options that the dialect does not let one choose. */
export function forbiddenChoices({ settableOptions }: DialectRules, choices: DialectChoices): readonly string[] {
  return Object.keys(choices).filter((name) => !settableOptions.includes(name as keyof DialectOptions));
}

/** Members of `signature` and `success` stay where the patch does not name them; so do those of a demand on the body, which null takes away. */
function merged(name: string, patch: unknown, current: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const before = (current ?? (name === 'body' ? { strictCase: false } : {})) as Record<string, unknown>;
  const members = Object.entries(patch).map(([member, value]) => [member, merged(member, value, before[member])] as const);
  return { ...before, ...Object.fromEntries(members.filter(([, value]) => value !== undefined)) };
}
