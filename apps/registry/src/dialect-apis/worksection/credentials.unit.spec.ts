import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { credentialsOf, provedBy, type Digests, type SignedCall } from './credentials.js';
import type { Parameters } from './parameters.js';

const digests: Digests = {
  md5: (text) => createHash('md5').update(text).digest('hex'),
  hmacSha256: (key, text) => createHmac('sha256', key).update(text).digest('hex'),
  same: (one, other) => one === other,
};
const KEY = 'KEY';
const AT_S = 1_700_000_000;
const md5 = (text: string): string => digests.md5(text + KEY);

const call = (more: Partial<SignedCall>): SignedCall => ({ surface: 'admin', authorization: undefined, rawQuery: '', rawForm: '', hasBody: false, parameters: {}, ...more });
/** A GET with this query. */
const asked = (rawQuery: string, more: Partial<SignedCall> = {}): SignedCall => call({ rawQuery, parameters: Object.fromEntries(new URLSearchParams(rawQuery)), ...more });
/** A POST of fields alone, as multipart or urlencoded. */
const posted = (parameters: Parameters, rawForm = ''): SignedCall => call({ parameters, rawForm, hasBody: true });

function proved(one: SignedCall, key = KEY, nowS = AT_S): boolean {
  const credentials = credentialsOf(one, nowS * 1_000);
  return (credentials.form === 'hash' || credentials.form === 'signature') && provedBy(credentials, digests)(key);
}

describe('the hash over the query (W19)', () => {
  it('is that of the vector: action=get_webhooks with the key KEY', () => {
    expect(proved(asked('action=get_webhooks&hash=078dad947613be33da53cad06c5bd121'))).toBe(true);
    expect(proved(asked('action=get_webhooks&hash=078DAD947613BE33DA53CAD06C5BD121'))).toBe(true);
    expect(proved(asked('hash=078dad947613be33da53cad06c5bd121&action=get_webhooks'))).toBe(true);
    expect(proved(asked('action=get_webhooks&hash=078dad947613be33da53cad06c5bd121'), 'OTHER')).toBe(false);
  });

  it('is over the query as it was sent, however a client encodes', () => {
    for (const query of [
      'action=add_webhook&url=https%3A%2F%2Fr.example%2Fin&events=post_task%2Cclose_task&http_user=a%20b',
      'action=add_webhook&url=https://r.example/in&events=post_task,close_task&http_user=a+b',
    ]) {
      expect(proved(asked(`${query}&hash=${md5(query)}`))).toBe(true);
      expect(proved(asked(`${query}&projects=7&hash=${md5(query)}`))).toBe(false);
    }
  });

  it("is over PHP's http_build_query of a form, as the PHP SDK makes it", () => {
    // php -r 'echo http_build_query(["action"=>"add_webhook","url"=>"https://r.example/in?a=1&b=ü","events"=>"post_task,close_task","http_user"=>"a b~(1)*\x27!"]);'
    const built = 'action=add_webhook&url=https%3A%2F%2Fr.example%2Fin%3Fa%3D1%26b%3D%C3%BC&events=post_task%2Cclose_task&http_user=a+b%7E%281%29%2A%27%21';
    const fields = { action: 'add_webhook', url: 'https://r.example/in?a=1&b=ü', events: 'post_task,close_task', http_user: "a b~(1)*'!" };
    expect(proved(posted({ ...fields, hash: md5(built) }))).toBe(true);
    expect(proved(posted({ ...fields, url: 'https://evil.example/', hash: md5(built) }))).toBe(false);
  });

  it('is over a urlencoded body as it was sent', () => {
    const body = 'action=add_webhook&url=https://r.example/in&events=post_task';
    expect(proved(posted({ ...Object.fromEntries(new URLSearchParams(body)), hash: md5(body) }, `${body}&hash=${md5(body)}`))).toBe(true);
  });

  it('never leaves a body out: a hash that somebody saw signs nothing else', () => {
    const query = 'action=get_webhooks';
    const seen = `${query}&hash=${md5(query)}`;
    expect(proved(asked(seen, { hasBody: true, parameters: { action: 'add_webhook', url: 'https://evil.example/', events: 'post_task', hash: md5(query) } }))).toBe(false);
    const form = 'action=delete_webhook&id=1';
    expect(proved(call({ rawQuery: 'id=2', rawForm: `${form}&hash=${md5(form)}`, hasBody: true, parameters: { id: '2', action: 'delete_webhook', hash: md5(form) } }))).toBe(false);
  });

  it('is not the one over the action alone, which the product gave up: it would sign any address', () => {
    expect(proved(asked(`action=add_webhook&url=https://r.example&events=post_task&hash=${md5('add_webhook')}`))).toBe(false);
  });

  it.each(['', 'hash=', 'hash=zz', 'hash=078dad947613be33da53cad06c5bd12'])('is missed or invalid in ?action=get_webhooks&%s', (hash) => {
    expect(proved(asked(`action=get_webhooks&${hash}`))).toBe(false);
  });
});

describe("the SDK's header", () => {
  const vector = 'Admin 1700000000_ee439b14782f918027e62b48488f3ad138d94eeb8108c7086e2e1f67855c8efc';
  const withHeader = (authorization: string, action = 'get_webhooks'): SignedCall => asked(`action=${action}`, { authorization });

  it('is that of the vector, at its time and five minutes around it', () => {
    for (const nowS of [AT_S - 300, AT_S, AT_S + 300]) expect(proved(withHeader(vector), KEY, nowS)).toBe(true);
    for (const nowS of [AT_S - 301, AT_S + 301]) expect(credentialsOf(withHeader(vector), nowS * 1_000)).toEqual({ form: 'none', unauthorized: true });
  });

  it('is good for its action and key only', () => {
    expect(proved(withHeader(vector, 'add_webhook'))).toBe(false);
    expect(proved(withHeader(vector), 'OTHER')).toBe(false);
  });

  it.each(['Admin', 'Admin x_y', 'Admin 1700000000', `Admin 1700000000_${'g'.repeat(64)}`, 'Bearer KEY', 'Basic S0VZ', ''])('asks for a 401 where it is %j', (header) => {
    expect(credentialsOf(withHeader(header), AT_S * 1_000)).toEqual({ form: 'none', unauthorized: true });
  });

  it('may stand in the query, as SDK 2.1.0 sends it', () => {
    const digest = vector.slice('Admin 1700000000_'.length);
    expect(proved(asked(`action=get_webhooks&hash=${digest}&time=1700000000`))).toBe(true);
    expect(proved(asked(`action=get_webhooks&hash=${digest}&time=1700000001`))).toBe(false);
    expect(proved(asked(`action=get_webhooks&hash=${digest}`))).toBe(false);
    expect(proved(asked(`action=get_webhooks&hash=${digest}&time=1700000000`), KEY, AT_S + 301)).toBe(false);
  });
});

describe('OAuth 2 (W20)', () => {
  const oauth2 = (more: Partial<SignedCall>): SignedCall => call({ surface: 'oauth2', ...more });

  it('takes a token from the header, the query or the body', () => {
    expect(credentialsOf(oauth2({ authorization: 'Bearer hl_1' }), 0)).toEqual({ form: 'token', token: 'hl_1' });
    expect(credentialsOf(oauth2({ parameters: { access_token: 'hl_2' } }), 0)).toEqual({ form: 'token', token: 'hl_2' });
    expect(credentialsOf(oauth2({ authorization: 'bearer  hl_1 ', parameters: { access_token: 'hl_2' } }), 0)).toEqual({ form: 'token', token: 'hl_1' });
  });

  it('is unauthorized without one, and takes no other form', () => {
    expect(credentialsOf(oauth2({}), 0)).toEqual({ form: 'none', unauthorized: true });
    expect(credentialsOf(oauth2({ authorization: 'Basic S0VZ', parameters: { hash: md5('action=get_webhooks'), action: 'get_webhooks' } }), 0)).toEqual({ form: 'none', unauthorized: true });
  });
});
