import { phpQuery, withoutParameter } from './signed-text.js';
import { textOf, type Parameters } from './parameters.js';

/** What of a call its credentials stand in or speak for. */
export interface SignedCall {
  readonly surface: 'admin' | 'oauth2';
  readonly authorization: string | undefined;
  /** As sent, without the question mark. */
  readonly rawQuery: string;
  /** A urlencoded body as sent; empty: none, or of another kind. */
  readonly rawForm: string;
  /** Whether there is a body of whatever kind. */
  readonly hasBody: boolean;
  /** Those of the query and of the body together. */
  readonly parameters: Parameters;
}

/** How a call says who it is from: three forms (dialects design 5.2). */
export type Credentials =
  /** `hash`: MD5 over one of these texts and the key. */
  | { readonly form: 'hash'; readonly digest: string; readonly texts: readonly string[] }
  /** HMAC-SHA256 of `action:unix` with the key, as the SDKs make it. */
  | { readonly form: 'signature'; readonly digest: string; readonly text: string }
  | { readonly form: 'token'; readonly token: string }
  /** There are none, or they are too old. */
  | { readonly form: 'none'; readonly unauthorized: boolean };

/** A client's clock may be off by so much; within it a signature that somebody saw can be used again, as with the product. */
const SIGNATURE_WINDOW_S = 300;

const ADMIN_HEADER = /^Admin +(\d{1,15})_([0-9a-f]{64})$/i;
const BEARER = /^Bearer +(\S+)$/i;

/** Whether a client waits for HTTP 401 where they are not good: the SDKs do, whoever hashes a query reads code 2. */
export function expectsUnauthorized(credentials: Credentials): boolean {
  return credentials.form === 'none' ? credentials.unauthorized : credentials.form !== 'hash';
}

/** @param nowMs milliseconds since 1970 */
export function credentialsOf(call: SignedCall, nowMs: number): Credentials {
  return call.surface === 'oauth2' ? tokenOf(call) : keyProofOf(call, nowMs);
}

function tokenOf({ authorization, parameters }: SignedCall): Credentials {
  const token = BEARER.exec(authorization?.trim() ?? '')?.[1] ?? textOf(parameters, 'access_token');
  return token === '' ? { form: 'none', unauthorized: true } : { form: 'token', token };
}

function keyProofOf(call: SignedCall, nowMs: number): Credentials {
  const { authorization, parameters } = call;
  const hash = textOf(parameters, 'hash').toLowerCase();
  if (authorization !== undefined && hash === '') {
    const [, unix, digest] = ADMIN_HEADER.exec(authorization.trim()) ?? [];
    return signatureOf(call, unix, digest, nowMs);
  }
  // SDK 2.1.0 sends in the query what later ones send in the header.
  if (/^[0-9a-f]{64}$/.test(hash)) return signatureOf(call, textOf(parameters, 'time'), hash, nowMs);
  return /^[0-9a-f]{32}$/.test(hash) ? { form: 'hash', digest: hash, texts: hashedTexts(call) } : { form: 'none', unauthorized: false };
}

function signatureOf({ parameters }: SignedCall, unix: string | undefined, digest: string | undefined, nowMs: number): Credentials {
  if (digest === undefined || !/^\d{1,15}$/.test(unix ?? '')) return { form: 'none', unauthorized: true };
  if (Math.abs(nowMs / 1_000 - Number(unix)) > SIGNATURE_WINDOW_S) return { form: 'none', unauthorized: true };
  return { form: 'signature', digest: digest.toLowerCase(), text: `${textOf(parameters, 'action')}:${unix}` };
}

/**
 * Clients hash the query as they send it; PHP ones hash what http_build_query makes of the fields of a form. Each of these texts says the whole call:
 * one that left the body out would let a hash that somebody saw sign another body.
 */
function hashedTexts({ rawQuery, rawForm, hasBody, parameters }: SignedCall): string[] {
  const query = withoutParameter(rawQuery, 'hash');
  const texts = [phpQuery(parameters, 'hash')];
  if (!hasBody) texts.push(query);
  if (rawForm !== '' && query === '') texts.push(withoutParameter(rawForm, 'hash'));
  return texts;
}

/** What hashes and compares; node:crypto has it. */
export interface Digests {
  /** Lower-case hex. */
  md5(text: string): string;
  hmacSha256(key: string, text: string): string;
  /** In a time that tells nothing of where they differ. */
  same(one: string, other: string): boolean;
}

/** @returns tells of a key whether the call was made with it */
export function provedBy(credentials: Extract<Credentials, { form: 'hash' | 'signature' }>, digests: Digests): (key: string) => boolean {
  if (credentials.form === 'signature') return (key) => digests.same(digests.hmacSha256(key, credentials.text), credentials.digest);
  return (key) => credentials.texts.some((text) => digests.same(digests.md5(text + key), credentials.digest));
}
