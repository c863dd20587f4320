import { DEFAULT_CONCURRENCY, type HookCreate, type HookPatch } from '@hooklane/contracts/rest';
import type { Header, HookSecrets } from '@hooklane/contracts/topics';
import { headerProblem, MASK, maskedUrl, type Dialect, type DialectDefaults } from '@hooklane/dialects';
import { AppError } from '@hooklane/kernel';
import { patchedChoices } from './dialect-choices.js';
import { subscribedTypes } from './hook-event-types.js';
import type { HookConfig } from './hook-state.js';

/** A hook's configuration with its secrets in clear: exists between a request and the sealing of its secrets only. */
export interface HookDraft {
  readonly config: HookConfig;
  readonly secrets: HookSecrets;
}

/** Header names that carry credentials: their values are sealed even when they were given as plain headers. */
const CREDENTIAL_NAME = /^(authorization|cookie)$|auth|token|secret|password|api-?key|signature|credential/i;

export function defaultDraft(defaults: DialectDefaults): HookDraft {
  return {
    config: {
      name: '',
      displayUrl: '',
      eventTypes: ['*'],
      projects: [],
      filter: '',
      order: defaults.order,
      concurrency: defaults.order === 'none' ? DEFAULT_CONCURRENCY : null,
      rateLimit: null,
      retry: { ...defaults.retry },
      timeoutMs: defaults.timeoutMs,
      envelope: defaults.envelope,
      disablePolicy: { ...defaults.disablePolicy },
      catchUp: 'none',
      headers: [],
      secretHeaders: [],
      basicAuthUser: null,
      tls: { verify: true, ca: '', clientCertificate: '', hasClientKey: false },
      metadata: {},
      dialectOptions: {},
    },
    secrets: { url: '', signing: [], basicAuthUser: '', basicAuthPassword: '', headers: [], tlsClientKeyPem: '' },
  };
}

/**
 * RFC 7396 over a hook: absent leaves a field, null gives it back its default, objects are merged.
 * A value that we masked in an answer, sent back as it was, leaves the secret as it is.
 * @throws AppError `invalid-request` for one half of a basicAuth that was not there, `invalid-hook` for event types that the dialect refuses
 */
export function patchedDraft(draft: HookDraft, patch: HookPatch | HookCreate, dialect: Dialect): HookDraft {
  const { config, secrets } = draft;
  const url = patch.url === undefined || patch.url === config.displayUrl ? secrets.url : patch.url;
  const headers = patchedHeaders(draft, patch);
  const basicAuth = patchedBasicAuth(secrets, config.basicAuthUser, patch.basicAuth);
  const tls = patchedTls(draft, patch.tls);
  const base = defaultDraft(dialect.defaults).config;
  const order = field(patch.order, config.order, base.order);
  return {
    config: {
      name: patch.name ?? config.name,
      displayUrl: maskedSecrets(url),
      eventTypes: patch.eventTypes ? subscribedTypes(dialect, patch.eventTypes) : field(patch.eventTypes, config.eventTypes, base.eventTypes),
      projects: field(patch.projects, config.projects, base.projects),
      filter: patch.filter === undefined ? config.filter : patch.filter === null ? '' : JSON.stringify(patch.filter),
      order,
      concurrency: patchedConcurrency(order, config.concurrency, patch.concurrency),
      rateLimit: patchedRateLimit(config.rateLimit, patch.rateLimit),
      retry: members(config.retry, patch.retry, base.retry),
      timeoutMs: field(patch.timeoutMs, config.timeoutMs, base.timeoutMs),
      envelope: field(patch.envelope, config.envelope, base.envelope),
      disablePolicy: members(config.disablePolicy, patch.disablePolicy, base.disablePolicy),
      catchUp: field(patch.catchUp, config.catchUp, base.catchUp),
      headers: headers.clear,
      secretHeaders: headers.secret.map(({ name }) => name),
      basicAuthUser: basicAuth?.user ?? null,
      tls: { verify: tls.verify, ca: tls.ca, clientCertificate: tls.clientCertificate, hasClientKey: tls.clientKey !== '' },
      metadata: patchedMap(config.metadata, patch.metadata),
      dialectOptions: patchedChoices(dialect, config.dialectOptions, patch.dialectOptions),
    },
    secrets: {
      url,
      signing: secrets.signing,
      basicAuthUser: basicAuth?.user ?? '',
      basicAuthPassword: basicAuth?.password ?? '',
      headers: headers.secret,
      tlsClientKeyPem: tls.clientKey,
    },
  };
}

/** @returns the names of the API's fields whose secret part differs. */
export function changedSecrets(before: HookSecrets, after: HookSecrets): readonly string[] {
  const names: string[] = [];
  if (before.url !== after.url) names.push('url');
  if (before.basicAuthUser !== after.basicAuthUser || before.basicAuthPassword !== after.basicAuthPassword) names.push('basicAuth');
  if (before.tlsClientKeyPem !== after.tlsClientKeyPem) names.push('tls.clientKey');
  const values = new Map(before.headers.map(({ name, value }) => [name, value]));
  for (const { name, value } of after.headers) {
    if (values.get(name) !== value) names.push(`secretHeaders.${name}`);
    values.delete(name);
  }
  return [...names, ...[...values.keys()].map((name) => `secretHeaders.${name}`)];
}

/** An address without a query has nothing to hide, and stays as its owner wrote it. */
function maskedSecrets(url: string): string {
  return url.includes('?') ? maskedUrl(url) : url;
}

function field<Value>(patched: Value | null | undefined, current: Value, base: Value): Value {
  return patched === undefined ? current : (patched ?? base);
}

function members<Value extends object>(current: Value, patch: { readonly [Name in keyof Value]?: Value[Name] | null } | null | undefined, base: Value): Value {
  if (patch === null) return base;
  const names = Object.keys(base) as (keyof Value)[];
  return Object.fromEntries(names.map((name) => [name, field(patch?.[name], current[name], base[name])])) as Value;
}

/** It goes with the order: another order forgets it, and what is asked for together with another one is kept for the rules to refuse. */
function patchedConcurrency(order: HookConfig['order'], current: number | null, patch: number | null | undefined): number | null {
  if (order !== 'none') return patch ?? null;
  return field(patch, current ?? DEFAULT_CONCURRENCY, DEFAULT_CONCURRENCY);
}

function patchedRateLimit(current: HookConfig['rateLimit'], patch: HookPatch['rateLimit']): HookConfig['rateLimit'] {
  if (patch === undefined) return current;
  const perSecond = patch?.perSecond ?? null;
  return perSecond === null ? null : { perSecond };
}

function patchedMap(current: Readonly<Record<string, string>>, patch: Readonly<Record<string, string | null>> | null | undefined): Readonly<Record<string, string>> {
  if (patch === null) return {};
  const entries = new Map(Object.entries(current));
  for (const [name, value] of Object.entries(patch ?? {})) {
    if (value === null) entries.delete(name);
    else entries.set(name, value);
  }
  return Object.fromEntries(entries);
}

function patchedHeaders({ config, secrets }: HookDraft, patch: HookPatch): { clear: Header[]; secret: Header[] } {
  const byName = new Map<string, Header & { secret: boolean }>();
  const put = (name: string, value: string, secret: boolean): void => void byName.set(name.toLowerCase(), { name, value, secret });
  if (patch.headers !== null) for (const { name, value } of config.headers) put(name, value, false);
  if (patch.secretHeaders !== null) for (const { name, value } of secrets.headers) put(name, value, true);
  // One that will be refused stays where it was given, so that the problem names that place.
  const given = [
    ...Object.entries(patch.headers ?? {}).map(([name, value]) => ({ name, value, secret: CREDENTIAL_NAME.test(name) && headerProblem(name, value ?? '') === null })),
    ...Object.entries(patch.secretHeaders ?? {}).map(([name, value]) => ({ name, value, secret: true })),
  ];
  for (const { name, value } of given) if (value === null) byName.delete(name.toLowerCase());
  for (const { name, value, secret } of given) {
    const known = byName.get(name.toLowerCase());
    if (value === null) continue;
    if (!(secret && known?.secret && value === MASK)) put(name, value, secret);
  }
  const all = [...byName.values()];
  const plain = (secret: boolean): Header[] => all.filter((header) => header.secret === secret).map(({ name, value }) => ({ name, value }));
  return { clear: plain(false), secret: plain(true) };
}

function patchedBasicAuth(secrets: HookSecrets, currentUser: string | null, patch: HookPatch['basicAuth']): { user: string; password: string } | null {
  if (patch === null) return null;
  if (patch === undefined) return currentUser === null ? null : { user: secrets.basicAuthUser, password: secrets.basicAuthPassword };
  if (currentUser === null) assertWhole(patch);
  const password = patch.password === undefined || (patch.password === MASK && currentUser !== null) ? secrets.basicAuthPassword : patch.password;
  return { user: patch.user ?? secrets.basicAuthUser, password };
}

/** There is nothing to merge with yet. */
function assertWhole(patch: NonNullable<HookPatch['basicAuth']>): void {
  const missing = (['user', 'password'] as const).filter((name) => patch[name] === undefined);
  if (missing.length === 0) return;
  const errors = missing.map((name) => ({ pointer: `/basicAuth/${name}`, message: 'Required, for the hook has no basicAuth yet.' }));
  throw new AppError('invalid-request', errors.map(({ pointer, message }) => `${pointer}: ${message}`).join(' '), { details: { errors } });
}

function patchedTls({ config, secrets }: HookDraft, patch: HookPatch['tls']): { verify: boolean; ca: string; clientCertificate: string; clientKey: string } {
  const base = { verify: true, ca: '', clientCertificate: '', clientKey: '' };
  const current = { verify: config.tls.verify, ca: config.tls.ca, clientCertificate: config.tls.clientCertificate, clientKey: secrets.tlsClientKeyPem };
  return members(current, patch?.clientKey === MASK ? { ...patch, clientKey: undefined } : patch, base);
}
