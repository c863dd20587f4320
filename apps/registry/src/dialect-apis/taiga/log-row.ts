import type { LoggedAttempt } from '../../ports.js';

type Attempt = Pick<
  LoggedAttempt,
  'number' | 'startedAtMs' | 'totalMs' | 'status' | 'requestUrl' | 'requestHeaders' | 'requestBody' | 'responseHeaders' | 'responseBody' | 'errorCode' | 'errorSentence'
>;

/** Taiga does not follow them, and its log says so instead of showing the answer. */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * One call of a webhook as Taiga's log shows it (T17; dialects design 1.2), as JSON text: `request_data` is what was sent, number for number.
 * @param webhook number of the hook
 */
export function logRow(attempt: Attempt, webhook: number): string {
  const answer = answerOf(attempt);
  return objectText([
    ['id', attempt.number],
    ['webhook', webhook],
    ['url', attempt.requestUrl],
    ['status', attempt.status],
    ['request_data', { json: requestData(attempt.requestBody) }],
    ['request_headers', wasSent(attempt) ? requestHeaders(attempt) : {}],
    ['response_data', answer.data],
    ['response_headers', answer.headers],
    ['duration', answer.durationS],
    ['created', new Date(attempt.startedAtMs + attempt.totalMs).toISOString()],
  ]);
}

interface ShownAnswer {
  /** A text in any case: the JSON of `{content}`, or why there is none. */
  readonly data: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Seconds. */
  readonly durationS: number;
}

function answerOf(attempt: Attempt): ShownAnswer {
  const { status, responseBody, responseHeaders, totalMs } = attempt;
  if (status === 0 || REDIRECTS.has(status)) return { data: `error-in-request: ${whyNone(attempt)}`, headers: {}, durationS: 0 };
  return { data: `{"content": ${asciiText(responseBody.toString('utf8'))}}`, headers: record(responseHeaders), durationS: totalMs / 1_000 };
}

function whyNone({ status, errorCode, errorSentence }: Attempt): string {
  if (status !== 0) return 'Redirects are not allowed';
  switch (errorCode) {
    case 'target-blocked':
      return 'Private IP Address not allowed';
    case 'dns-failed':
      return 'Host access error';
    default:
      return errorSentence;
  }
}

/** Taiga looks at the address first, so that there are no headers where it may not be called. */
function wasSent({ status, errorCode }: Attempt): boolean {
  return status !== 0 || !['target-blocked', 'dns-failed', 'invalid-request', 'hook-unreadable'].includes(errorCode);
}

function requestHeaders({ requestHeaders: headers, requestBody }: Attempt): Readonly<Record<string, string>> {
  const sent = record(headers);
  return Object.keys(sent).some((name) => name.toLowerCase() === 'content-length') ? sent : { ...sent, 'Content-Length': String(requestBody.length) };
}

/** As Python's requests library keeps them: a header that came twice is one, with a comma. */
function record(headers: Attempt['responseHeaders']): Readonly<Record<string, string>> {
  const all = new Map<string, { name: string; value: string }>();
  for (const { name, value } of headers) {
    const before = all.get(name.toLowerCase());
    all.set(name.toLowerCase(), before ? { name: before.name, value: `${before.value}, ${value}` } : { name, value });
  }
  return Object.fromEntries([...all.values()].map(({ name, value }) => [name, value]));
}

/** The bytes themselves where they are JSON, so that numbers keep their spelling. */
function requestData(body: Buffer): string {
  const text = body.toString('utf8');
  if (text === '') return '{}';
  try {
    JSON.parse(text);
    return text;
  } catch {
    return JSON.stringify(text);
  }
}

/** Python's json.dumps escapes whatever is not printable ASCII, here where nobody told it otherwise. */
function asciiText(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

type Member = readonly [name: string, value: string | number | Readonly<Record<string, string>> | { readonly json: string }];

function objectText(members: readonly Member[]): string {
  const json = (name: string, value: Member[1]): string => (name === 'request_data' ? (value as { json: string }).json : JSON.stringify(value));
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${json(name, value)}`).join(',')}}`;
}
