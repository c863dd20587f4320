import { createHash, createHmac, generateKeyPairSync, getHashes, sign } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { hashAlgorithms, openSslNameOf } from './hash-algorithms.js';
import { inboundKindNames, inboundKindOf } from './inbound-kinds.js';
import type { InboundSource, InboundVerdict } from './inbound-request.js';
import { inboundVerifier } from './inbound-verifier.js';

/** The vector of the design: 239 bytes, spaced as Python does, raw UTF-8. */
const BODY = '{"action": "test", "type": "test", "by": {"id": 7, "permalink": "http://t.example/profile/ana", "username": "ana", "full_name": "Ana Pérez", "photo": null, "gravatar_id": "0"}, "date": "2026-01-02T03:04:05.678Z", "data": {"test": "test"}}';
const SECRET = 's3cr3t';
const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const SECONDS = String(NOW / 1_000);

/** `base64_encode(hash_hmac($algorithm, BODY, 's3cr3t', true))` of PHP 8, which is what Tiki computes with. */
const OF_PHP = [
  ['sha1', '4fI+tTGoNlOcITZUnyeT4fg+7go='],
  ['sha224', 'JEzE6soacMVa8EAkC8RGb8ktpcUtzXNwBzthdg=='],
  ['sha256', 'H3R+ZgMibKEsVXHdyeeMiKjZVIPBg0rP9GBm6oj1Iqk='],
  ['sha384', '4RLaATMVoBXOB3AvTTk17d6Q5Kx0JAZZFaWHGX0+zpJHES95bM6zqLGozkby+SHB'],
  ['sha512', 'Gp5ArY4mK/J1mQGsGdctDdrrwGnLXYr9ensQkgJhpPwfDToxh6VQxQnFU+mnrmCVe1HkzFnk1ejY/jq6KRIjQQ=='],
  ['sha512/224', 'j2NbtVLqzbpsb1snaTfGpoDrKkvkr2AMJqRKhg=='],
  ['sha512/256', 'lyGXbsHvLVu/XcESFUWIoYnURWKXydr21qZGMevKmdE='],
  ['sha3-224', 'zqCefr+RG43QU9W3E5VSdfYgW3/pfe4pI+FmZQ=='],
  ['sha3-256', 'nAoz0RFp2KzdpGliXERArt5BB4X0C25X2vk+VV3+Xnc='],
  ['sha3-384', '+QRwCblggjwhtrZjfow2qwU44ZstSRx27QDKUKN7Gj2IjAGCrk4MmJjgu4A+hVzo'],
  ['sha3-512', 'xrdxHh+Pims6QuBupBk/6gmhmWZAwE9YEG+tO87sLtLD7OgpN3ertMYsRtPi3NB0Gt27nwWvWCHsB8zpS0qndg=='],
  ['ripemd160', '1bP7zZXuLWx1wOrjTACwR5rYQOc='],
] as const;

interface Given {
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly nowMs?: number;
}

function verdictOf(part: Partial<InboundSource>, secret: string, { headers = {}, query = {}, body = BODY, nowMs = NOW }: Given): InboundVerdict {
  const { settings } = inboundKindOf(part.kind ?? '')!;
  const source = { verification: '', algorithm: '', header: '', query: '', basicAuthUser: '', toleranceSeconds: 0, idHeader: '', kind: '', ...settings, ...part } as InboundSource;
  const byName = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return inboundVerifier(source, secret)!.verify({ header: (name) => byName.get(name.toLowerCase()), query: (name) => query[name], body: Buffer.from(body), nowMs });
}

const tiki = (part: Partial<InboundSource> = {}) => ({ kind: 'tiki', header: 'Webhook-Signature', ...part });
const reasonOf = (verdict: InboundVerdict): string => (verdict.ok ? 'verified' : verdict.reason);

describe('a Tiki handler', () => {
  it('verifies the vectors of the design: base64 hmac and hmac with sha256', () => {
    expect(Buffer.byteLength(BODY)).toBe(239);
    expect(reasonOf(verdictOf(tiki(), SECRET, { headers: { 'Webhook-Signature': 'H3R+ZgMibKEsVXHdyeeMiKjZVIPBg0rP9GBm6oj1Iqk=' } }))).toBe('verified');
    expect(reasonOf(verdictOf(tiki({ verification: 'hmac' }), SECRET, { headers: { 'Webhook-Signature': '1f747e6603226ca12c5571ddc9e78c88a8d95483c1834acff46066ea88f522a9' } }))).toBe('verified');
  });

  it('finds its header in any case', () => {
    expect(reasonOf(verdictOf(tiki({ header: 'WEBHOOK-signature' }), SECRET, { headers: { 'webhook-Signature': 'H3R+ZgMibKEsVXHdyeeMiKjZVIPBg0rP9GBm6oj1Iqk=' } }))).toBe('verified');
  });

  it.each(OF_PHP)('verifies what PHP computes with %s', (algorithm, signature) => {
    expect(reasonOf(verdictOf(tiki({ algorithm }), SECRET, { headers: { 'Webhook-Signature': signature } }))).toBe('verified');
    expect(OF_PHP.map(([name]) => name)).toEqual(hashAlgorithms);
  });

  it.each(hashAlgorithms)('honours the algorithm %s (K15), and another one does not verify', (algorithm) => {
    const header = createHmac(openSslNameOf(algorithm)!, SECRET).update(BODY).digest('hex');
    const given = { headers: { 'Webhook-Signature': header } };
    expect(getHashes().map((name) => name.toLowerCase())).toContain(openSslNameOf(algorithm)!.toLowerCase());
    expect(reasonOf(verdictOf(tiki({ verification: 'hmac', algorithm }), SECRET, given))).toBe('verified');
    const other = hashAlgorithms.find((name) => name !== algorithm)!;
    expect(reasonOf(verdictOf(tiki({ verification: 'hmac', algorithm: other }), SECRET, given))).toBe('signature-wrong');
  });

  it.each([
    ['no header', tiki(), {}, 'signature-missing'],
    ['an empty header', tiki(), { 'Webhook-Signature': '' }, 'signature-missing'],
    ['another secret\'s signature', tiki(), { 'Webhook-Signature': createHmac('sha256', 'other').update(BODY).digest('base64') }, 'signature-wrong'],
    ['the signature of another body', tiki(), { 'Webhook-Signature': createHmac('sha256', SECRET).update('{}').digest('base64') }, 'signature-wrong'],
    ['the right digest in the other encoding', tiki(), { 'Webhook-Signature': '1f747e6603226ca12c5571ddc9e78c88a8d95483c1834acff46066ea88f522a9' }, 'signature-wrong'],
    ['the right digest with a prefix', tiki({ verification: 'hmac' }), { 'Webhook-Signature': 'sha256=1f747e6603226ca12c5571ddc9e78c88a8d95483c1834acff46066ea88f522a9' }, 'signature-wrong'],
    ['the right digest in capitals', tiki({ verification: 'hmac' }), { 'Webhook-Signature': '1F747E6603226CA12C5571DDC9E78C88A8D95483C1834ACFF46066EA88F522A9' }, 'signature-wrong'],
    ['a verification that is none', tiki({ verification: 'none' }), { 'Webhook-Signature': 'H3R+ZgMibKEsVXHdyeeMiKjZVIPBg0rP9GBm6oj1Iqk=' }, 'signature-wrong'],
    ['an algorithm that is none', tiki({ algorithm: 'crc32' }), { 'Webhook-Signature': 'H3R+ZgMibKEsVXHdyeeMiKjZVIPBg0rP9GBm6oj1Iqk=' }, 'signature-wrong'],
  ])('does not verify %s', (_what, source, headers, reason) => {
    expect(reasonOf(verdictOf(source, SECRET, { headers }))).toBe(reason);
  });

  it('does not take an empty secret for one', () => {
    expect(reasonOf(verdictOf(tiki(), '', { headers: { 'Webhook-Signature': createHmac('sha256', '').update(BODY).digest('base64') } }))).toBe('signature-wrong');
  });
});

describe('a Standard Webhooks source', () => {
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  const source = { kind: 'standard-webhooks' };
  const signed = (at = NOW, key = secret): Record<string, string> => ({ 'webhook-id': 'msg_1', 'webhook-timestamp': String(Math.floor(at / 1_000)), 'webhook-signature': new Webhook(key).sign('msg_1', new Date(at), BODY) });

  it('verifies what an independent library signs, within five minutes to either side', () => {
    expect(verdictOf(source, secret, { headers: signed() })).toEqual({ ok: true, callKey: 'msg_1' });
    expect(reasonOf(verdictOf(source, secret, { headers: signed(), nowMs: NOW + 300_000 }))).toBe('verified');
    for (const shiftMs of [300_001, -300_001]) expect(reasonOf(verdictOf(source, secret, { headers: signed(), nowMs: NOW + shiftMs }))).toBe('timestamp-out-of-tolerance');
    expect(reasonOf(verdictOf({ ...source, toleranceSeconds: 3_600 }, secret, { headers: signed(), nowMs: NOW + 3_000_000 }))).toBe('verified');
  });

  it('is content with one signature of several, as while a secret is rotated', () => {
    const { 'webhook-signature': right, ...headers } = signed();
    const other = signed(NOW, `whsec_${Buffer.alloc(32, 9).toString('base64')}`)['webhook-signature'];
    expect(reasonOf(verdictOf(source, secret, { headers: { ...headers, 'webhook-signature': `${other} ${right}` } }))).toBe('verified');
    expect(reasonOf(verdictOf(source, secret, { headers: { ...headers, 'webhook-signature': String(other) } }))).toBe('signature-wrong');
  });

  it('verifies an Ed25519 signature by its public key', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const key = `whpk_${publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64')}`;
    const signature = `v1a,${sign(null, Buffer.from(`msg_1.${SECONDS}.${BODY}`), privateKey).toString('base64')}`;
    const headers = { 'webhook-id': 'msg_1', 'webhook-timestamp': SECONDS, 'webhook-signature': signature };
    expect(reasonOf(verdictOf(source, key, { headers }))).toBe('verified');
    expect(reasonOf(verdictOf(source, key, { headers, body: '{}' }))).toBe('signature-wrong');
    expect(reasonOf(verdictOf(source, key, { headers: { ...headers, 'webhook-signature': 'v1a,AA==' } }))).toBe('signature-wrong');
  });

  it('says what is missing', () => {
    expect(reasonOf(verdictOf(source, secret, {}))).toBe('signature-missing');
    expect(reasonOf(verdictOf(source, secret, { headers: { ...signed(), 'webhook-timestamp': 'soon' } }))).toBe('timestamp-missing');
  });
});

describe('the other senders', () => {
  it('GitHub: sha256= and the HMAC of the body', () => {
    const right = `sha256=${createHmac('sha256', SECRET).update(BODY).digest('hex')}`;
    expect(verdictOf({ kind: 'github' }, SECRET, { headers: { 'X-Hub-Signature-256': right } })).toEqual({ ok: true, callKey: right });
    expect(reasonOf(verdictOf({ kind: 'github' }, SECRET, { headers: { 'X-Hub-Signature-256': right.slice(7) } }))).toBe('signature-wrong');
    expect(reasonOf(verdictOf({ kind: 'github' }, SECRET, { headers: { 'X-Hub-Signature': right } }))).toBe('signature-missing');
  });

  it('GitHub\'s own example verifies', () => {
    // docs.github.com, "Validating webhook deliveries".
    expect(reasonOf(verdictOf({ kind: 'github' }, 'It\'s a Secret to Everybody', { body: 'Hello, World!', headers: { 'X-Hub-Signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17' } }))).toBe('verified');
  });

  it('Stripe-style: a timestamp and several signatures, within the tolerance', () => {
    const right = createHmac('sha256', SECRET).update(`${SECONDS}.${BODY}`).digest('hex');
    const header = (text: string): Given => ({ headers: { 'Stripe-Signature': text } });
    expect(reasonOf(verdictOf({ kind: 'stripe' }, SECRET, header(`t=${SECONDS},v1=${'0'.repeat(64)},v1=${right},v0=x`)))).toBe('verified');
    expect(reasonOf(verdictOf({ kind: 'stripe' }, SECRET, header(`t=${SECONDS},v0=${right}`)))).toBe('signature-wrong');
    expect(reasonOf(verdictOf({ kind: 'stripe' }, SECRET, header(`t=${Number(SECONDS) + 1},v1=${right}`)))).toBe('signature-wrong');
    expect(reasonOf(verdictOf({ kind: 'stripe' }, SECRET, header(`v1=${right}`)))).toBe('timestamp-missing');
    expect(reasonOf(verdictOf({ kind: 'stripe' }, SECRET, { ...header(`t=${SECONDS},v1=${right}`), nowMs: NOW + 301_000 }))).toBe('timestamp-out-of-tolerance');
    expect(reasonOf(verdictOf({ kind: 'stripe', header: 'X-Other' }, SECRET, { headers: { 'x-other': `t=${SECONDS},v1=${right}` } }))).toBe('verified');
    expect(reasonOf(verdictOf({ kind: 'stripe' }, SECRET, {}))).toBe('signature-missing');
  });

  it('Taiga: the vector of the design in either of its headers; the first that is there decides', () => {
    const digest = 'e1f23eb531a836539c2136549f2793e1f83eee0a';
    expect(reasonOf(verdictOf({ kind: 'taiga' }, SECRET, { headers: { 'X-TAIGA-WEBHOOK-SIGNATURE': digest } }))).toBe('verified');
    expect(reasonOf(verdictOf({ kind: 'taiga' }, SECRET, { headers: { 'X-Hub-Signature': `sha1=${digest}` } }))).toBe('verified');
    expect(reasonOf(verdictOf({ kind: 'taiga' }, SECRET, { headers: { 'X-TAIGA-WEBHOOK-SIGNATURE': 'wrong', 'X-Hub-Signature': `sha1=${digest}` } }))).toBe('signature-wrong');
    expect(reasonOf(verdictOf({ kind: 'taiga' }, SECRET, {}))).toBe('signature-missing');
  });

  it('iceScrum: the vector of the design', () => {
    expect(reasonOf(verdictOf({ kind: 'icescrum' }, SECRET, { headers: { 'x-icescrum-signature': 'e1f23eb531a836539c2136549f2793e1f83eee0a' } }))).toBe('verified');
    expect(reasonOf(verdictOf({ kind: 'icescrum' }, 'other', { headers: { 'x-icescrum-signature': 'e1f23eb531a836539c2136549f2793e1f83eee0a' } }))).toBe('signature-wrong');
  });

  it('Basic auth: user and password, in UTF-8', () => {
    const source = { kind: 'basic', basicAuthUser: 'ana' };
    const header = (text: string): Given => ({ headers: { Authorization: text } });
    const of = (text: string): string => Buffer.from(text).toString('base64');
    expect(reasonOf(verdictOf(source, 'pässword:1', header(`basic ${of('ana:pässword:1')}`)))).toBe('verified');
    for (const wrong of ['ana:', 'ana:passwort', 'bob:pässword:1', 'ana']) expect([wrong, reasonOf(verdictOf(source, 'pässword:1', header(`Basic ${of(wrong)}`)))]).toEqual([wrong, 'credentials-wrong']);
    for (const none of [{}, header('Bearer x'), header('Basic '), header('Basic ===')]) expect(reasonOf(verdictOf(source, 'p', none))).toMatch(/^credentials-/);
  });

  it('a shared token: in a header, after Bearer, or in the query', () => {
    expect(reasonOf(verdictOf({ kind: 'token', header: 'X-Gitlab-Token' }, SECRET, { headers: { 'x-gitlab-token': SECRET } }))).toBe('verified');
    expect(reasonOf(verdictOf({ kind: 'token', header: 'X-Gitlab-Token' }, SECRET, { headers: { 'x-gitlab-token': `${SECRET}x` } }))).toBe('credentials-wrong');
    expect(reasonOf(verdictOf({ kind: 'token', header: 'Authorization' }, SECRET, { headers: { authorization: `Bearer ${SECRET}` } }))).toBe('verified');
    expect(reasonOf(verdictOf({ kind: 'token', query: 'key' }, 'ü', { query: { key: 'ü' } }))).toBe('verified');
    expect(reasonOf(verdictOf({ kind: 'token', query: 'key' }, SECRET, { headers: { key: SECRET } }))).toBe('credentials-missing');
  });

  it('what signs nothing is told apart by the header that the source names', () => {
    const source = { kind: 'token', header: 'X-Token', idHeader: 'X-Delivery' };
    expect(verdictOf(source, SECRET, { headers: { 'x-token': SECRET, 'x-delivery': '7' } })).toEqual({ ok: true, callKey: '7' });
    expect(verdictOf(source, SECRET, { headers: { 'x-token': SECRET } })).toEqual({ ok: true, callKey: null });
  });
});

describe('the kinds of sources', () => {
  it('all have a verifier, and one of a later version has none', () => {
    for (const kind of inboundKindNames) expect(verdictOf({ kind, header: 'x' }, 'x', {}).ok).toBe(false);
    expect(inboundVerifier({ kind: 'later', verification: '', algorithm: '', header: '', query: '', basicAuthUser: '', toleranceSeconds: 0, idHeader: '' }, 'x')).toBeNull();
  });

  it('say which secrets they can use', () => {
    const { secretProblem } = inboundKindOf('standard-webhooks')!;
    for (const good of ['whsec_AAAA', Buffer.alloc(24).toString('base64'), `whpk_${createHash('sha256').digest('base64')}`]) expect(secretProblem(good)).toBeNull();
    for (const bad of ['whsec_', 'whsec_not base64', 'whpk_AAAA', 'ö']) expect(secretProblem(bad)).toMatch(/base64/);
    expect(inboundKindOf('tiki')!.secretProblem('any ünicode')).toBeNull();
  });
});
