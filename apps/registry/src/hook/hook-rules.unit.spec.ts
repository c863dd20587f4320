import { describe, expect, it } from '@jest/globals';
import { nativeDialect, type Dialect } from '@hooklane/dialects';
import { isAppError } from '@hooklane/kernel';
import { targetPolicyOf } from '@hooklane/routing';
import type { HookCreate } from '@hooklane/contracts/rest';
import { shopDialect } from '../../test/shop-dialect.js';
import { dialectProblems } from './dialect-rules.js';
import { defaultDraft, patchedDraft } from './hook-draft.js';
import { assertHookWorks } from './hook-rules.js';
import type { FieldProblem } from './invalid-hook.js';

const { defaults } = nativeDialect;

function refusal(fields: Partial<HookCreate>, allowedTargets: string[] = []): { code: string; pointers: string[] } | null {
  const draft = patchedDraft(defaultDraft(defaults), { name: 'n', url: 'https://receiver.example/in', ...fields } as HookCreate, nativeDialect);
  try {
    assertHookWorks(draft, { dialect: nativeDialect, policy: targetPolicyOf({ allowLoopback: false, allowedTargets }), secrets: { certificateProblem: ({ ca }) => (ca === 'bad' ? 'no PEM' : null) } });
    return null;
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { code: error.code, pointers: (error.details['errors'] as FieldProblem[]).map(({ pointer }) => pointer) };
  }
}

describe('hook rules: what the dialect does not have', () => {
  const pointers = (dialect: Dialect, fields: Partial<HookCreate>, secret?: string): unknown => {
    const { config, secrets } = patchedDraft(defaultDraft(dialect.defaults), { name: 'n', url: 'https://receiver.example/in', ...fields } as HookCreate, dialect);
    const signing = secret === undefined ? [] : [{ secretId: 's', value: secret, createdAtMs: 0, expiresAtMs: 0 }];
    return dialectProblems({ config, secrets: { ...secrets, signing } }, dialect).map(({ pointer }) => pointer);
  };
  const silent: Dialect = { ...shopDialect, options: { ...shopDialect.options, signature: { ...shopDialect.options.signature, algorithm: 'none' } } };

  it.each<[string, Dialect, Partial<HookCreate>, string | undefined, string[]]>([
    ['nothing', shopDialect, { dialectOptions: { gone: 'fail' } }, 'x', []],
    ['an option that one may not choose', shopDialect, { dialectOptions: { timeZone: 'Asia/Tokyo', gone: 'fail' } }, 'x', ['/dialectOptions/timeZone']],
    ['half a demand on the body', nativeDialect, { dialectOptions: { success: { body: { field: 'status' } } } }, undefined, ['/dialectOptions/success/body']],
    ['a signature in a header of the connection', shopDialect, { dialectOptions: { signature: { headers: [{ name: 'X-Ok', prefix: '' }, { name: 'Host', prefix: '' }] } } }, 'x', ['/dialectOptions/signature/headers/1']],
    ['a signature in no header', shopDialect, { dialectOptions: { signature: { headers: [] } } }, 'x', ['/dialectOptions/signature/headers']],
    ['a secret that signs nothing', silent, {}, 'x', ['/secret']],
    ['a signature without a secret', silent, { dialectOptions: { signature: { algorithm: 'sha256' } } }, undefined, ['/secret']],
    ['an envelope of ours', shopDialect, { envelope: 'standard' }, 'x', ['/envelope']],
  ])('%s', (_, dialect, fields, secret, expected) => {
    expect(pointers(dialect, fields, secret)).toEqual(expected);
  });
});

describe('hook rules: what would make sending fail is refused when it is saved', () => {
  it('takes a plain hook', () => expect(refusal({})).toBeNull());

  it.each([
    'receiver.example', '/in', 'ftp://a.example/', 'javascript:alert(1)', 'https://user@a.example/', 'https://user:pw@a.example/', 'https://:@a.example/', 'https://@a.example/', 'https://a.example/#part', 'https://a.example/\r\nX: y',
    'https://a.example/a b', '\thttps://a.example/', 'https://a.example\\@b.example/', 'https://', 'http://a.example:99999/',
  ])('refuses the address %j', (url) => expect(refusal({ url })).toEqual({ code: 'invalid-hook', pointers: ['/url'] }));

  it.each(['http://127.0.0.1/', 'http://localhost:3000/', 'http://0x7f.1/', 'http://2130706433/', 'http://10.0.0.1/', 'http://169.254.169.254/latest', 'http://[::1]/', 'http://[::ffff:127.0.0.1]/', 'http://[fd00::1]/'])('denies the target %s', (url) =>
    expect(refusal({ url })).toEqual({ code: 'target-denied', pointers: ['/url'] }),
  );

  it('lets through what the operator or the tenant allows', () => {
    expect(refusal({ url: 'http://10.1.2.3/' }, ['10.1.0.0/16'])).toBeNull();
    expect(refusal({ url: 'http://localhost/' }, ['localhost'])).toBeNull();
  });

  it('names every bad event type, header and the filter at once', () => {
    expect(refusal({ eventTypes: ['ok', 'a.*.b', 'order.*'], headers: { Host: 'x', 'X-Ok': 'y', 'Bad Name': 'z', 'X-Split': 'a\r\nb', 'Webhook-Id': '1' }, filter: { data: { a: { $near: 1 } } } })).toEqual({
      code: 'invalid-hook',
      pointers: ['/eventTypes/1', expect.stringMatching(/^\/filter\//), '/headers/Host', '/headers/Bad Name', '/headers/X-Split', '/headers/Webhook-Id'],
    });
  });

  it('refuses a filter that is too large, and regular expressions that RE2 does not know', () => {
    expect(refusal({ filter: { data: { a: 'x'.repeat(17_000) } } })).toEqual({ code: 'invalid-hook', pointers: ['/filter'] });
    expect(refusal({ filter: { data: { a: { $regex: '(a+)\\1' } } } })).toMatchObject({ code: 'invalid-hook' });
  });

  it('refuses whole numbers in a filter that parsing has rounded', () => {
    const filter = JSON.parse('{"data":{"id":{"$in":[1,12345678901234567891]},"price":{"$lt":0.1}}}') as Record<string, unknown>;
    expect(refusal({ filter })).toEqual({ code: 'invalid-hook', pointers: ['/filter/data/id/$in/1'] });
    expect(refusal({ filter: { data: { id: Number.MAX_SAFE_INTEGER } } })).toBeNull();
  });

  it('refuses Authorization twice, a certificate without its key, and PEM that is none', () => {
    expect(refusal({ headers: { Authorization: 'x' }, basicAuth: { user: 'u', password: 'p' } })).toEqual({ code: 'invalid-hook', pointers: ['/basicAuth'] });
    expect(refusal({ tls: { clientCertificate: 'pem' } })).toEqual({ code: 'invalid-hook', pointers: ['/tls'] });
    expect(refusal({ tls: { ca: 'bad' } })).toEqual({ code: 'invalid-hook', pointers: ['/tls'] });
  });

  it('refuses a concurrency with an order that keeps one', () => {
    for (const order of ['fifo', 'fifo-per-key'] as const) expect(refusal({ order, concurrency: 2 })).toEqual({ code: 'invalid-hook', pointers: ['/concurrency'] });
    expect(refusal({ order: 'none', concurrency: 2 })).toBeNull();
    expect(refusal({ order: 'fifo', concurrency: null })).toBeNull();
  });

  it('refuses a hook that no record could carry', () => {
    const metadata = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`k${index}`, 'x'.repeat(1_000)]));
    expect(refusal({ metadata })).toEqual({ code: 'invalid-hook', pointers: [''] });
  });
});
