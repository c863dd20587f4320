import { AppError, isAppError } from '@hooklane/kernel';
import { headerProblem, type Dialect } from '@hooklane/dialects';
import { addressDenial, compileFilter, findInexact, INEXACT_NUMBER, isHostAllowed, literalAddressOf, parseEventTypePattern, type TargetPolicy } from '@hooklane/routing';
import type { Secrets } from '../ports.js';
import { dialectProblems } from './dialect-rules.js';
import type { HookDraft } from './hook-draft.js';
import { invalidHook, type FieldProblem } from './invalid-hook.js';

/** What a draft is held against. */
export interface HookRules {
  readonly dialect: Dialect;
  readonly policy: TargetPolicy;
  readonly secrets: Pick<Secrets, 'certificateProblem'>;
}

const FILTER_BYTES_MAX = 16 * 1024;
/** Of the whole hook: its record must fit a producer's batch of 512 KiB with room to spare. */
const HOOK_BYTES_MAX = 256 * 1024;

/**
 * What a hook must be beyond its schema. Everything that would make sending fail later is refused when it is saved.
 * @throws AppError `invalid-hook` with a pointer for each problem; `target-denied` when the address itself is one that may not be reached
 */
export function assertHookWorks(draft: HookDraft, { dialect, policy, secrets }: HookRules): void {
  const problems = [...urlProblems(draft.secrets.url), ...orderProblems(draft), ...eventTypeProblems(draft), ...filterProblems(draft.config.filter), ...headerProblems(draft), ...tlsProblems(draft, secrets), ...dialectProblems(draft, dialect)];
  const bytes = Buffer.byteLength(JSON.stringify(draft));
  if (bytes > HOOK_BYTES_MAX) problems.push({ pointer: '', message: `The hook has ${bytes} bytes; at most ${HOOK_BYTES_MAX} are possible.` });
  if (problems.length > 0) throw invalidHook(problems);
  assertTarget(draft.secrets.url, policy);
}

function urlProblems(text: string): FieldProblem[] {
  const problem = (message: string): FieldProblem[] => [{ pointer: '/url', message }];
  // The parser drops tabs and line ends silently, so the text has to be looked at before.
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u0020\u007f\\]/.test(text)) return problem('Must not hold spaces, backslashes or control characters.');
  if (!URL.canParse(text)) return problem('Is not an absolute URL.');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return problem('Must begin with http:// or https://.');
  if (url.username !== '' || url.password !== '' || /^[a-z]+:\/\/[^/?#]*@/i.test(text)) return problem('Must not hold a user name or password; use basicAuth.');
  if (url.hash !== '' || text.includes('#')) return problem('Must not have a fragment: it would never be sent.');
  return [];
}

function assertTarget(text: string, policy: TargetPolicy): void {
  const { hostname } = new URL(text);
  const address = literalAddressOf(hostname);
  if (address === null || isHostAllowed(hostname, policy)) return;
  const kind = addressDenial(address, policy);
  if (kind === null) return;
  const message = `${hostname} is an address that hooks may not reach (${kind}).`;
  throw new AppError('target-denied', message, { details: { errors: [{ pointer: '/url', message }] } });
}

function eventTypeProblems({ config }: HookDraft): FieldProblem[] {
  return config.eventTypes.flatMap((pattern, index) => (parseEventTypePattern(pattern) ? [] : [{ pointer: `/eventTypes/${index}`, message: 'Must be the name of an event type, a prefix that ends in ".*", or "*".' }]));
}

function orderProblems({ config: { order, concurrency } }: HookDraft): FieldProblem[] {
  if (order === 'none' || concurrency === null) return [];
  return [{ pointer: '/concurrency', message: `Is for hooks with the order none only; this one has ${order}.` }];
}

function filterProblems(filter: string): FieldProblem[] {
  if (filter === '') return [];
  if (Buffer.byteLength(filter) > FILTER_BYTES_MAX) return [{ pointer: '/filter', message: `Has more than ${FILTER_BYTES_MAX} bytes.` }];
  try {
    const parsed: unknown = JSON.parse(filter);
    compileFilter(parsed);
    const pointer = findInexact(parsed, '/filter');
    return pointer === null ? [] : [{ pointer, message: INEXACT_NUMBER }];
  } catch (error) {
    if (!isAppError(error)) throw error;
    const errors = error.details['errors'] as readonly FieldProblem[] | undefined;
    return errors ? [...errors] : [{ pointer: '/filter', message: error.publicMessage }];
  }
}

function headerProblems({ config, secrets }: HookDraft): FieldProblem[] {
  const problemsOf = (field: string, headers: readonly { name: string; value: string }[]): FieldProblem[] =>
    headers.flatMap(({ name, value }) => {
      const message = headerProblem(name, value);
      return message === null ? [] : [{ pointer: `/${field}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, message }];
    });
  const problems = [...problemsOf('headers', config.headers), ...problemsOf('secretHeaders', secrets.headers)];
  const hasAuthorization = [...config.headers, ...secrets.headers].some(({ name }) => name.toLowerCase() === 'authorization');
  if (hasAuthorization && config.basicAuthUser !== null) problems.push({ pointer: '/basicAuth', message: 'Says the same as the header Authorization; use one of them.' });
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(secrets.basicAuthUser + secrets.basicAuthPassword)) problems.push({ pointer: '/basicAuth', message: 'Must not hold control characters.' });
  return problems;
}

function tlsProblems({ config, secrets }: HookDraft, { certificateProblem }: Pick<Secrets, 'certificateProblem'>): FieldProblem[] {
  const { ca, clientCertificate } = config.tls;
  const key = secrets.tlsClientKeyPem;
  if ((clientCertificate === '') !== (key === '')) return [{ pointer: '/tls', message: 'A client certificate and its key belong together.' }];
  if (ca === '' && clientCertificate === '') return [];
  const message = certificateProblem({ ca, certificate: clientCertificate, key });
  return message === null ? [] : [{ pointer: '/tls', message }];
}
