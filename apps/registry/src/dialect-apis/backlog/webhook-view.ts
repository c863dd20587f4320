import { activityNumberOf, dialectOf } from '@hooklane/dialects';
import { matchesEventType, parseEventTypePattern } from '@hooklane/routing';
import type { HookState } from '../../hook/hook-state.js';
import { DESCRIPTION } from './webhook-changes.js';

/** A person as Backlog shows one. */
export interface BacklogUser {
  readonly id: number;
  readonly userId: string | null;
  readonly name: string;
  /** 1 administrator, 2 normal user, 4 viewer. */
  readonly roleType: number;
  readonly lang: null;
  readonly nulabAccount: null;
  readonly mailAddress: string | null;
  readonly lastLoginTime: null;
}

/** A webhook as Backlog shows one (dialects design 2.2). */
export interface BacklogWebhook {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly hookUrl: string;
  readonly allEvent: boolean;
  readonly activityTypeIds: readonly number[];
  readonly createdUser: BacklogUser;
  /** UTC seconds and Z. */
  readonly created: string;
  readonly updatedUser: BacklogUser;
  readonly updated: string;
}

export interface WebhookFacts {
  readonly id: number;
  /** With its query in clear: Backlog's administrators see what they entered. */
  readonly hookUrl: string;
  readonly createdUser: BacklogUser;
  readonly createdAtMs: number;
  readonly updatedUser: BacklogUser;
  readonly updatedAtMs: number;
}

export function webhookView({ config }: Pick<HookState, 'config'>, { id, hookUrl, createdUser, createdAtMs, updatedUser, updatedAtMs }: WebhookFacts): BacklogWebhook {
  const allEvent = config.eventTypes.includes('*');
  return {
    id,
    name: config.name,
    description: config.metadata[DESCRIPTION] ?? '',
    hookUrl,
    allEvent,
    activityTypeIds: allEvent ? [] : activityNumbersOf(config.eventTypes),
    createdUser,
    created: utcSeconds(createdAtMs),
    updatedUser,
    updated: utcSeconds(updatedAtMs),
  };
}

/** Rising. Event types that have no number, which the native API lets one subscribe to, are left out. */
function activityNumbersOf(eventTypes: readonly string[]): readonly number[] {
  const known = dialectOf('backlog').catalogue.entries.map(({ type }) => type);
  const numbers = eventTypes.flatMap((eventType) => {
    const pattern = parseEventTypePattern(eventType);
    const types = pattern?.kind === 'prefix' ? known.filter((type) => matchesEventType(pattern, type)) : [eventType];
    return types.map(activityNumberOf).filter((number) => number !== null);
  });
  return [...new Set(numbers)].sort((a, b) => a - b);
}

function utcSeconds(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
