import type { EventAccepted } from '@hooklane/contracts/topics';
import type { MatchableEvent } from './matcher.js';

/** An event whose data is parsed when the first filter asks for it; undefined where it is not JSON. */
export function matchableEvent(event: EventAccepted): MatchableEvent {
  let parsed: { readonly data: unknown } | null = null;
  return {
    event,
    parsedData() {
      parsed ??= { data: parseData(event.data) };
      return parsed.data;
    },
  };
}

function parseData(data: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(data));
  } catch {
    // Another content type: a filter on the data finds nothing there.
    return undefined;
  }
}
