import type { ReceivedRequest } from '@hooklane/testkit';

/** Promised to a publisher: its number and its id. */
export interface AckedEvent {
  readonly n: number;
  readonly eventId: string;
}

/** What can be known of a story after it has come to rest. */
export interface Account {
  readonly acked: readonly { readonly key: string; readonly events: readonly AckedEvent[] }[];
  readonly hooks: readonly HookAccount[];
  /** When the owner of lanes died or may have lost its lease. */
  readonly deaths: readonly Death[];
  /**
   * Events that may stand in the log twice: whoever accepted them died between the append and its claim's record of it, and their publisher, who had no
   * answer, sent them again. As many as requests with an id were under way at once.
   */
  readonly acceptedTwice: number;
}

export interface HookAccount {
  readonly path: string;
  /** Everything that its receiver got, in the order of arrival. */
  readonly requests: readonly Pick<ReceivedRequest, 'body' | 'headers' | 'arrivedAtMs' | 'answer'>[];
  /** The most requests that were open at once. */
  readonly mostOpen: number;
  /** What log-query says of its deliveries. */
  readonly deliveries: readonly LoggedDelivery[];
  /** Its receiver answers with failures only, and after so many of them the hook is disabled. Null: all events must have arrived. */
  readonly failureLimit: number | null;
}

export interface LoggedDelivery {
  readonly eventId: string;
  readonly fate: string;
  readonly attempts: number;
}

/** Wall time in milliseconds from the blow until everything was ready again; the same moment twice for a `kill -9`. */
export interface Death {
  readonly fromMs: number;
  readonly toMs: number;
  /** Whether the old owner's requests may still have been open when a new one began: it was frozen or cut off rather than dead. */
  readonly lingers: boolean;
}

/** Outcomes may be unacknowledged for a second (semantics, promise 2); as much again for the clocks of a busy machine. */
const UNACKED_MS = 2_000;
const SHOWN = 5;

/** The oracle of all chaos specs. @returns what disagrees with the promises, in sentences; none: everything agrees */
export function judge(account: Account): string[] {
  return account.hooks.flatMap((hook) => [...arrivals(hook, account), ...failures(hook, account), ...logged(hook, account)].map((sentence) => `${hook.path}: ${sentence}`));
}

interface Arrival {
  readonly key: string;
  readonly n: number;
  readonly eventId: string;
  readonly atMs: number;
  readonly answer: ReceivedRequest['answer'];
}

function arrivalsOf({ requests }: HookAccount): Arrival[] {
  return requests.map(({ body, headers, arrivedAtMs, answer }) => {
    const { key, n } = JSON.parse(body.toString()) as { key: string; n: number };
    return { key, n, eventId: String(headers['webhook-id']), atMs: arrivedAtMs, answer };
  });
}

function succeeded({ answer }: Pick<Arrival, 'answer'>): boolean {
  return answer !== null && answer.status >= 200 && answer.status < 300;
}

/** Promises 1 to 3: nothing lost, nothing early, repeats only where a death explains them. */
function arrivals(hook: HookAccount, { acked, deaths }: Account): string[] {
  const complaints: string[] = [];
  const all = arrivalsOf(hook);
  for (const { key, events } of acked) {
    const mine = all.filter((arrival) => arrival.key === key);
    if (hook.failureLimit === null) {
      const arrived = new Set(mine.filter(succeeded).map(({ eventId }) => eventId));
      complain(complaints, `acknowledged to ${key} and lost`, events.filter(({ eventId }) => !arrived.has(eventId)).map(({ n }) => n));
      complain(complaints, `of ${key} sent before an earlier one had its answer`, early(mine, events));
    }
    const twice = loggedTwice(hook);
    complain(complaints, `of ${key} repeated although nothing had died`, unexplained(mine.filter(({ eventId }) => !twice.has(eventId)), deaths));
  }
  const allowed = deaths.some(({ lingers }) => lingers) ? 2 : 1;
  if (hook.mostOpen > allowed) complaints.push(`${hook.mostOpen} requests were open at once`);
  return complaints;
}

/** Numbers that arrived while a lower acknowledged one had not been answered well. What was never acknowledged may be missing, so it cannot be waited for. */
function early(mine: readonly Arrival[], events: readonly AckedEvent[]): number[] {
  const answered = new Set<number>();
  const found: number[] = [];
  let next = 0;
  for (const arrival of mine) {
    while (next < events.length && answered.has(events[next]?.n as number)) next++;
    if (arrival.n > (events[next]?.n ?? Infinity)) found.push(arrival.n);
    // An answer is entered before the sender can have it, so it is there when the next request of a lane in order arrives.
    if (succeeded(arrival)) answered.add(arrival.n);
  }
  return found;
}

function unexplained(mine: readonly Arrival[], deaths: readonly Death[]): number[] {
  const firstGood = new Map<string, number>();
  const found: number[] = [];
  for (const arrival of mine) {
    const goodAtMs = firstGood.get(arrival.eventId);
    if (goodAtMs !== undefined && !deaths.some(({ fromMs, toMs }) => goodAtMs >= fromMs - UNACKED_MS && goodAtMs <= toMs + UNACKED_MS)) found.push(arrival.n);
    if (goodAtMs === undefined && succeeded(arrival)) firstGood.set(arrival.eventId, arrival.answer?.atMs as number);
  }
  return found;
}

/** Promise 5: exactly N, or as many fewer as attempts were charged to somebody who died before they went out. */
function failures({ failureLimit, requests }: HookAccount, { deaths }: Account): string[] {
  if (failureLimit === null) return [];
  if (requests.length > failureLimit) return [`${requests.length} failing attempts, and ${failureLimit} were the limit`];
  if (requests.length < failureLimit - deaths.length) return [`only ${requests.length} failing attempts of ${failureLimit}`];
  return [];
}

/** Promise 6: every accepted event has one fate for every hook, and it is the one that the receiver saw. */
function logged(hook: HookAccount, { acked, deaths, acceptedTwice }: Account): string[] {
  const complaints: string[] = [];
  const all = arrivalsOf(hook);
  const requests = new Map<string, number>();
  for (const { eventId } of all) requests.set(eventId, (requests.get(eventId) ?? 0) + 1);
  const good = new Set(all.filter(succeeded).map(({ eventId }) => eventId));
  const byEvent = new Map(hook.deliveries.map((delivery) => [delivery.eventId, delivery]));
  const twice = [...loggedTwice(hook)];
  if (twice.length > acceptedTwice) complain(complaints, 'logged more than once', twice);
  complain(complaints, 'acknowledged and not logged', acked.flatMap(({ events }) => events).filter(({ eventId }) => !byEvent.has(eventId)).map(({ eventId }) => eventId));
  const those = (wrong: (delivery: LoggedDelivery) => boolean): string[] => hook.deliveries.filter(wrong).map(({ eventId, fate, attempts }) => `${eventId} (${fate}, ${attempts} attempts)`);
  complain(complaints, 'still pending', those(({ fate }) => fate === 'pending'));
  complain(complaints, 'logged as delivered and never answered well', those(({ eventId, fate }) => fate === 'delivered' && !good.has(eventId)));
  complain(complaints, 'answered well and logged otherwise', those(({ eventId, fate }) => fate !== 'delivered' && good.has(eventId)));
  if (deaths.length === 0) complain(complaints, 'with another number of attempts than requests', those(({ eventId, attempts }) => attempts !== (requests.get(eventId) ?? 0)));
  return complaints;
}

function loggedTwice({ deliveries }: HookAccount): Set<string> {
  const seen = new Set<string>();
  return new Set(deliveries.filter(({ eventId }) => seen.size === seen.add(eventId).size).map(({ eventId }) => eventId));
}

function complain(complaints: string[], what: string, which: readonly (string | number)[]): void {
  if (which.length > 0) complaints.push(`${which.length} ${what}: ${which.slice(0, SHOWN).join(', ')}${which.length > SHOWN ? '…' : ''}`);
}
