import { hashAlgorithms, type InboundKind, type InboundSetting } from '@hooklane/dialects';
import { AppError } from '@hooklane/kernel';
import type { SourceConfig } from './source.decider.js';

export interface SourceProblem {
  readonly pointer: string;
  readonly message: string;
}

const SETTINGS: readonly InboundSetting[] = ['verification', 'algorithm', 'header', 'query', 'basicAuthUser', 'toleranceSeconds', 'idHeader'];
/** Say who calls, to whoever may read an event. */
const NEVER_FORWARDED: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization', 'cookie']);

/** @param secret null where it stays. @throws AppError `invalid-source` naming everything that keeps the source from working */
export function assertSourceWorks(kind: InboundKind, config: SourceConfig, secret: string | null): void {
  const problems = [...settingProblems(kind, config), ...tokenProblems(kind, config), ...replayProblems(kind, config), ...forwardingProblems(kind, config), ...secretProblems(kind, secret)];
  if (problems.length > 0) throw invalidSource(problems);
}

export function invalidSource(errors: readonly SourceProblem[]): AppError {
  return new AppError('invalid-source', errors.map(({ pointer, message }) => `${pointer}: ${message}`).join(' '), { details: { errors } });
}

function settingProblems({ name, settings, required }: InboundKind, config: SourceConfig): SourceProblem[] {
  const problems = SETTINGS.flatMap((setting): SourceProblem[] => {
    const value = config[setting];
    const isThere = value !== '' && value !== 0;
    if (settings[setting] === undefined) return isThere ? [{ pointer: `/${setting}`, message: `A source of the kind ${name} has no such setting.` }] : [];
    return required.includes(setting) && !isThere ? [{ pointer: `/${setting}`, message: 'Required.' }] : [];
  });
  if (settings.algorithm !== undefined && !hashAlgorithms.includes(config.algorithm)) problems.push({ pointer: '/algorithm', message: `Must be one of ${hashAlgorithms.join(', ')}.` });
  return problems;
}

function tokenProblems({ name }: InboundKind, { header, query }: SourceConfig): SourceProblem[] {
  if (name !== 'token' || (header === '') !== (query === '')) return [];
  return [{ pointer: '/header', message: 'Name the header or the query parameter of the token, and not both.' }];
}

function replayProblems({ signs }: InboundKind, { replays, idHeader }: SourceConfig): SourceProblem[] {
  if (signs || replays === 'accept' || idHeader !== '') return [];
  return [{ pointer: '/idHeader', message: 'Required: calls of this kind have no signature to tell one from another.' }];
}

function forwardingProblems({ secretHeaders }: InboundKind, { header, forwardedHeaders }: SourceConfig): SourceProblem[] {
  const secret = new Set([...NEVER_FORWARDED, ...secretHeaders, header.toLowerCase()]);
  return forwardedHeaders.flatMap((name, index) => (secret.has(name.toLowerCase()) ? [{ pointer: `/forwardedHeaders/${index}`, message: 'Carries what nobody but we may see.' }] : []));
}

function secretProblems({ secretProblem }: InboundKind, secret: string | null): SourceProblem[] {
  const message = secret === null ? null : secretProblem(secret);
  return message === null ? [] : [{ pointer: '/secret', message }];
}
