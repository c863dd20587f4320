import { limits } from '@hooklane/contracts';
import type { InboundCalled, SourceState } from '@hooklane/contracts/topics';
import { inboundKindOf, MASK } from '@hooklane/dialects';
import type { InboundCall } from './inbound-call.js';

/** What became of a call. */
export interface InboundFate {
  readonly outcome: 'accepted' | 'repeated' | 'refused' | 'failed';
  /** A stable code; empty: accepted. */
  readonly reason: string;
  readonly sentence: string;
  readonly status: number;
  /** The one that verified it, or was to. */
  readonly source: SourceState | null;
  readonly eventId: string;
}

const HEADERS_MAX = 64;
const VALUE_LENGTH_MAX = 1_024;
const URL_LENGTH_MAX = 1_024;
/** As of hooks: names that say that their values are for us alone. */
const CREDENTIAL_NAME = /cookie|auth|token|secret|password|api-?key|signature|credential/i;

/**
 * A call as the inbound log keeps it: secrets, signatures and the values of its query masked, its body cut.
 * @param endpoint `tiki`, the id of a source, or `unknown`
 * @param sources of the tenant: their headers are masked whoever was called, for a sender may have mistaken the address
 */
export function calledRecord(call: InboundCall, endpoint: string, fate: InboundFate, sources: readonly SourceState[], stamp: { readonly callId: string; readonly atMs: number }): InboundCalled {
  const isAccepted = fate.outcome === 'accepted';
  return {
    tenantId: call.tenantId,
    ...stamp,
    endpoint,
    sourceId: fate.source?.sourceId ?? '',
    sourceName: fate.source?.name ?? '',
    user: isAccepted || fate.outcome === 'repeated' ? (fate.source?.user ?? '') : '',
    outcome: fate.outcome,
    reason: fate.reason,
    sentence: fate.sentence,
    status: fate.status,
    method: call.method,
    path: maskedAddress(call.url),
    remoteAddress: call.remoteAddress,
    headers: maskedHeaders(call, sources),
    body: Buffer.from(call.body.subarray(0, isAccepted ? limits.inboundBodyBytes : limits.refusedBodyBytes)),
    bodyBytes: call.body.length,
    eventId: fate.eventId,
    notKept: 0,
    notKeptSinceMs: 0,
  };
}

function maskedHeaders({ headers }: InboundCall, sources: readonly SourceState[]): { name: string; value: string }[] {
  const own = new Set(sources.flatMap(({ kind, header }) => [header.toLowerCase(), ...(inboundKindOf(kind)?.secretHeaders ?? [])]));
  return Object.entries(headers)
    .slice(0, HEADERS_MAX)
    .map(([name, value = '']) => {
      if (own.has(name) || CREDENTIAL_NAME.test(name)) return { name, value: MASK };
      return { name, value: (typeof value === 'string' ? value : value.join(', ')).slice(0, VALUE_LENGTH_MAX) };
    });
}

/** Tokens travel in the query: of each parameter the name only. */
function maskedAddress(url: string): string {
  const [path = '', query] = url.slice(0, URL_LENGTH_MAX).split('?', 2);
  if (query === undefined) return path;
  const masked = query.split('&').map((pair) => (pair.includes('=') ? `${pair.slice(0, pair.indexOf('='))}=${MASK}` : MASK));
  return `${path}?${masked.join('&')}`.slice(0, URL_LENGTH_MAX);
}
