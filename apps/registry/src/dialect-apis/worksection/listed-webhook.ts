import { dialectOf } from '@hooklane/dialects';
import { matchesEventType, parseEventTypePattern } from '@hooklane/routing';
import type { ListedWebhook } from './answers.js';

/** What `get_webhooks` shows of a hook. Neither user nor password (W28). */
export interface ShownHook {
  readonly number: number;
  /** Whole for who may change hooks; with the values of its query masked for others. */
  readonly url: string;
  readonly eventTypes: readonly string[];
  readonly projects: readonly string[];
  readonly enabled: boolean;
}

export function listedWebhook({ number, url, eventTypes, projects, enabled }: ShownHook): ListedWebhook {
  return {
    id: String(number),
    url,
    events: eventsOf(eventTypes).join(','),
    status: enabled ? 'active' : 'paused',
    ...(projects.length === 0 ? {} : { projects: projects.join(',') }),
  };
}

/** The product has no patterns: a hook that was made elsewhere with one is shown with the codes that it stands for. */
function eventsOf(eventTypes: readonly string[]): string[] {
  const { entries } = dialectOf('worksection').catalogue;
  const codes = eventTypes.flatMap((text) => {
    const pattern = parseEventTypePattern(text);
    const matched = pattern ? entries.filter(({ type }) => matchesEventType(pattern, type)).map(({ type }) => type) : [];
    return matched.length > 0 ? matched : [text];
  });
  return [...new Set(codes)];
}
