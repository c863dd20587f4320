import { limits } from '@hooklane/contracts';
import { isSuccess, type DialectOptions } from '@hooklane/dialects';

/** What an attempt came to (design: "Failure, retry, disable"). `blocked` is the target guard, `invalid` is final and not counted, `interrupted` is us. */
export type OutcomeClass = 'success' | 'unavailable' | 'rejected' | 'blocked' | 'invalid' | 'interrupted';

/** What the sender reports of one request. */
export type SendResult =
  | { readonly kind: 'answer'; readonly status: number; readonly headers: readonly string[]; readonly body: Buffer; readonly bodyCut: boolean }
  | { readonly kind: 'failure'; readonly code: SendFailureCode; readonly detail: string }
  /** Nothing was written: the lease had become too old in the meantime. No attempt. */
  | { readonly kind: 'not-started' };

/** Stable: stands in outcomes and in the log. */
export type SendFailureCode =
  | 'timeout'
  | 'connection-refused'
  | 'connection-reset'
  | 'connection-failed'
  | 'dns-failed'
  | 'tls-failed'
  | 'protocol-error'
  | 'target-blocked'
  | 'invalid-request'
  | 'hook-unreadable'
  | 'interrupted';

export interface Classified {
  readonly outcomeClass: OutcomeClass;
  /** Empty on success. */
  readonly errorCode: string;
  /** For a person; empty on success. */
  readonly errorSentence: string;
  /** The receiver asked for no more, and the hook listens to it. */
  readonly gone: boolean;
  /** Whether a failure counts towards the hook's limit. */
  readonly counts: boolean;
}

const SUCCESS: Classified = { outcomeClass: 'success', errorCode: '', errorSentence: '', gone: false, counts: true };
const UNAVAILABLE_STATUS = new Set([408, 425, 429]);
const GONE = 410;

export function classify(result: Exclude<SendResult, { kind: 'not-started' }>, options: Pick<DialectOptions, 'success' | 'gone' | 'countNetworkErrors'>): Classified {
  if (result.kind === 'failure') return classifyFailure(result.code, result.detail, options.countNetworkErrors);
  const { status, headers, body } = result;
  const answer = { status, body, header: (name: string) => headerOf(headers, name) };
  if (isSuccess(options.success, answer)) return SUCCESS;
  if (options.success.body !== null && isSuccess({ ...options.success, body: null }, answer)) return wrongBody(result, options.success.body);
  const unavailable = status >= 500 || UNAVAILABLE_STATUS.has(status);
  return {
    outcomeClass: unavailable ? 'unavailable' : 'rejected',
    errorCode: `status-${status}`,
    errorSentence: sentenceOfStatus(status, options.success.status),
    gone: status === GONE && options.gone !== 'fail',
    counts: true,
  };
}

/** W6: the status is right, and what the answer says is not. */
function wrongBody({ status, bodyCut }: SendResult & { kind: 'answer' }, { field, equals }: NonNullable<DialectOptions['success']['body']>): Classified {
  const wanted = `JSON with ${JSON.stringify(field)}: ${JSON.stringify(equals)}`;
  const found = bodyCut ? `a body of more than ${limits.failureBodyBytes} bytes` : 'something else';
  return { outcomeClass: 'rejected', errorCode: 'unexpected-body', errorSentence: `The receiver answered ${status} with ${found}; the hook needs ${wanted}, as application/json.`, gone: false, counts: true };
}

/** @param headers names and values in turn @param name lower case */
export function headerOf(headers: readonly string[], name: string): string | undefined {
  for (let at = 0; at + 1 < headers.length; at += 2) {
    if ((headers[at] as string).toLowerCase() === name) return headers[at + 1];
  }
  return undefined;
}

function classifyFailure(code: SendFailureCode, detail: string, counts: boolean): Classified {
  return { outcomeClass: classOf(code), errorCode: code, errorSentence: detail || SENTENCES[code], gone: false, counts };
}

function classOf(code: SendFailureCode): OutcomeClass {
  switch (code) {
    case 'timeout':
    case 'connection-refused':
    case 'connection-reset':
    case 'connection-failed':
    case 'dns-failed':
    case 'tls-failed':
    case 'protocol-error':
    case 'hook-unreadable':
      return 'unavailable';
    case 'target-blocked':
      return 'blocked';
    case 'invalid-request':
      return 'invalid';
    case 'interrupted':
      return 'interrupted';
  }
}

const SENTENCES: Readonly<Record<SendFailureCode, string>> = {
  timeout: 'The receiver did not answer completely within the time limit.',
  'connection-refused': 'Nothing listens at the receiver’s address and port.',
  'connection-reset': 'The receiver closed the connection before it answered.',
  'connection-failed': 'The receiver could not be reached.',
  'dns-failed': 'The receiver’s host name could not be resolved.',
  'tls-failed': 'The TLS handshake with the receiver failed.',
  'protocol-error': 'The receiver did not answer in valid HTTP.',
  'target-blocked': 'The target guard does not allow the receiver’s address.',
  'invalid-request': 'The event cannot be sent to this hook.',
  'hook-unreadable': 'The hook’s secrets cannot be opened with the master key in use.',
  interrupted: 'Hooklane broke the attempt off because this instance stopped or lost the lane.',
};

function sentenceOfStatus(status: number, wanted: DialectOptions['success']['status']): string {
  if (status < 300) return `The receiver answered ${status}; the hook takes only ${wanted} for a success.`;
  if (status >= 300 && status < 400) return `The receiver answered ${status}, a redirect; redirects are not followed.`;
  if (status === GONE) return 'The receiver answered 410: it wants no more deliveries.';
  if (status === 429) return 'The receiver answered 429: it asks for fewer requests.';
  if (status >= 500) return `The receiver answered ${status}: something is wrong on its side.`;
  return `The receiver answered ${status} and so refused the delivery.`;
}
