import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Delete, Get, Inject, Post, Req } from '@nestjs/common';
import { AppError } from '@hooklane/kernel';
import type { FailureShape } from '@hooklane/service-host';
import { changeRequestOf } from '../../src/api/dialects/change-request-of.js';
import type { DialectAnswer } from '../../src/api/dialects/dialect-answer.interceptor.js';
import { DialectRoute } from '../../src/api/dialects/dialect-route.js';
import { formOf } from '../../src/api/dialects/form.js';
import { sameText } from '../../src/api/dialects/same-text.js';
import { REGISTRY } from '../../src/api/registry.token.js';
import type { Registry } from '../../src/ports.js';
import { startRegistry, type RegistryUnderTest } from '../registry-service.js';

type Request = Parameters<typeof formOf>[0];

@DialectRoute('toy/api/things')
class ToyController {
  constructor(@Inject(REGISTRY) private readonly registry: Registry) {}

  @Post()
  async create(@Req() request: Request): Promise<DialectAnswer> {
    const { fields, query, body, rawQuery, rawBody } = formOf(request);
    return { status: 201, headers: { 'x-toy': 'yes' }, body: { fields, query, body, rawQuery, rawBody: rawBody.toString() } };
  }

  @Get('me')
  async me(@Req() request: Request): Promise<DialectAnswer> {
    const token = String(request.headers['x-toy-token'] ?? '');
    const caller = await this.registry.callers.withToken(token);
    if (!caller) throw new AppError('unauthenticated', 'No such token.');
    return { status: 200, body: { tenant: caller.tenantId, actor: changeRequestOf(this.registry, caller).meta.actor, user: caller.user, role: caller.role, mayWrite: caller.mayWrite() } };
  }

  @Get('signed')
  async signed(@Req() request: Request): Promise<DialectAnswer> {
    const { fields, rawQuery } = formOf(request);
    const caller = await this.registry.callers.withSigningKey((key) => sameText(createHash('md5').update(rawQuery.replace(/&hash=.*$/, '') + key).digest('hex'), String(fields['hash'])));
    return { status: 200, body: caller && { actor: caller.actor } };
  }

  @Delete()
  delete(): DialectAnswer {
    return { status: 204, body: null };
  }

  @Get('bug')
  bug(): never {
    throw new Error('password=hunter2');
  }
}

const toyShape: FailureShape = { prefixes: ['/toy'], answer: ({ code, status, sentence }) => ({ status, headers: { 'x-toy': 'error' }, body: { toy: code, text: sentence } }) };

let registry: RegistryUnderTest;
beforeAll(async () => {
  registry = await startRegistry({ HOOKLANE_DEFAULT_TENANT: 'acme' }, { controllers: [ToyController], failureShapes: [toyShape] });
  await registry.tenant('acme');
});
afterAll(() => registry.stop());

async function send(method: string, path: string, body?: string | Buffer, headers: Record<string, string> = {}): Promise<{ status: number; toy: string | null; type: string | null; text: string; json: () => Record<string, unknown> }> {
  const response = await fetch(`${registry.url}${path}`, { method, headers, ...(body === undefined ? {} : { body: body as never }) });
  const text = await response.text();
  return { status: response.status, toy: response.headers.get('x-toy'), type: response.headers.get('content-type'), text, json: () => JSON.parse(text) as Record<string, unknown> };
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

describe('a form of a dialect\'s API', () => {
  it.each([
    ['urlencoded, with lists', 'a=1&b%5B%5D=x&b[]=y&c[0]=1&d=%C3%A9+z&e=1&e=2&f[]=1', FORM, { a: '1', b: ['x', 'y'], c: ['1'], d: 'é z', e: ['1', '2'], f: ['1'] }],
    ['JSON', '{"a":1,"b":{"c":[true,null]}}', { 'content-type': 'application/json; charset=utf-8' }, { a: 1, b: { c: [true, null] } }],
    ['JSON that says it is a form', ' {"a":1}', FORM, { a: 1 }],
    ['without a type', Buffer.from('a=1'), {}, { a: '1' }],
    ['with a name that objects are made of', '__proto__=1&a=1', FORM, { a: '1' }],
    ['empty', undefined, {}, {}],
  ])('%s is understood', async (_, body, headers, fields) => {
    const answer = await send('POST', '/toy/api/things', body, headers);
    expect([answer.status, answer.toy, answer.json()['body']]).toEqual([201, 'yes', fields]);
  });

  it('has its query too, whose fields the body\'s replace, and what was sent as it was', async () => {
    const answer = await send('POST', '/toy/api/things?a=q&unknown=%41&x[]=1', 'a=b', FORM);
    expect(answer.json()).toEqual({ fields: { a: 'b', unknown: 'A', x: ['1'] }, query: { a: 'q', unknown: 'A', x: ['1'] }, body: { a: 'b' }, rawQuery: 'a=q&unknown=%41&x[]=1', rawBody: 'a=b' });
  });
});

describe('what goes wrong below a dialect\'s prefix', () => {
  it.each([
    ['no JSON', 'POST', '/toy/api/things', '{"a":', { 'content-type': 'application/json' }, 400, 'malformed-json'],
    ['a list for a form', 'POST', '/toy/api/things', '[1]', { 'content-type': 'application/json' }, 400, 'invalid-request'],
    ['too deep', 'POST', '/toy/api/things', `{"a":${'['.repeat(500)}${']'.repeat(500)}}`, { 'content-type': 'application/json' }, 400, 'invalid-request'],
    ['a body above 1 MiB', 'POST', '/toy/api/things', `a=${'x'.repeat(1024 * 1024)}`, FORM, 413, 'too-large'],
    ['an encoded body', 'POST', '/toy/api/things', 'x', { ...FORM, 'content-encoding': 'gzip' }, 415, 'unsupported-media-type'],
    ['an unknown path', 'GET', '/toy/nothing', undefined, {}, 404, 'not-found'],
    ['another method', 'PUT', '/toy/api/things', 'a=1', FORM, 405, 'method-not-allowed'],
    ['an address that cannot be read', 'GET', '/toy/api/%', undefined, {}, 400, 'invalid-request'],
    ['U+0000', 'GET', '/toy/api/things/me?a=%00', undefined, {}, 400, 'invalid-request'],
    ['a bug of ours', 'GET', '/toy/api/things/bug', undefined, {}, 500, 'internal'],
    ['a refusal', 'GET', '/toy/api/things/me', undefined, { 'x-toy-token': 'nobody' }, 401, 'unauthenticated'],
  ])('looks like the product\'s: %s', async (_, method, path, body, headers, status, code) => {
    const answer = await send(method, path, body, headers);
    expect([answer.status, answer.toy, answer.json()['toy']]).toEqual([status, 'error', code]);
    expect(answer.text).not.toContain('hunter2');
  });

  it('and elsewhere like ours', async () => {
    expect((await send('GET', '/toys')).type).toContain('application/problem+json');
  });

  it('an answer without a body has none', async () => {
    expect(await send('DELETE', '/toy/api/things')).toMatchObject({ status: 204, text: '' });
  });

  it('none of its routes stands in the API\'s document', async () => {
    const { readFileSync } = await import('node:fs');
    expect(readFileSync(`${import.meta.dirname}/../../../../docs/openapi.json`, 'utf8')).not.toContain('/toy/');
  });
});

describe('who calls a dialect\'s API', () => {
  const me = (token: string): ReturnType<typeof send> => send('GET', '/toy/api/things/me', undefined, { 'x-toy-token': token });

  it('may be a key, as far as its scopes go', async () => {
    expect((await me(await registry.key('acme', 'hooks:write'))).json()).toMatchObject({ tenant: 'acme', actor: expect.stringMatching(/^key:/), user: null, role: 'admin', mayWrite: true });
    expect((await me(await registry.key('acme', 'hooks:read'))).json()).toMatchObject({ role: 'viewer', mayWrite: false });
  });

  it('is never the platform, nor who has a key that was revoked', async () => {
    const { body } = await registry.call('POST', '/v1/tenants/acme/api-keys', { body: { name: 'x', scopes: ['admin'] } });
    expect((await me(body.key)).status).toBe(200);
    await registry.call('POST', `/v1/tenants/acme/api-keys/${body.id}/revoke`);
    expect((await me(body.key)).status).toBe(401);
    expect((await me('admin-key-for-these-specs')).status).toBe(401);
  });

  it('may be a user through a key, with the rights of both', async () => {
    const user = (await registry.call('POST', '/v1/tenants/acme/users', { body: { name: 'Ana', userName: 'Ana.P', role: 'member' } })).body;
    const { body } = await registry.call('POST', '/v1/tenants/acme/api-keys', { body: { name: 'x', scopes: ['hooks:write'], user: user.id } });
    expect((await me(body.key)).json()).toMatchObject({ user: { id: user.id, number: 1, userName: 'Ana.P', name: 'Ana', email: null }, role: 'member', mayWrite: false });
    expect((await registry.call('POST', '/v1/tenants/acme/api-keys', { body: { name: 'x', scopes: ['hooks:write'], user: 'usr_nobody' } })).status).toBe(404);
    await registry.call('DELETE', `/v1/tenants/acme/users/${user.id}`);
    expect((await me(body.key)).status).toBe(401);
  });

  it('may sign with a recoverable key, and with no other', async () => {
    const make = async (recoverable: boolean): Promise<{ id: string; key: string }> => (await registry.call('POST', '/v1/tenants/acme/api-keys', { body: { name: 'x', scopes: ['admin'], recoverable } })).body as never;
    const signed = (key: string): ReturnType<typeof send> => send('GET', `/toy/api/things/signed?action=x&hash=${createHash('md5').update(`action=x${key}`).digest('hex')}`);
    const [kept, other] = [await make(true), await make(false)];
    expect((await signed(kept.key)).json()).toEqual({ actor: `key:${kept.id}` });
    expect((await signed(other.key)).text).toBe('');
    expect((await registry.call('GET', `/v1/tenants/acme/api-keys/${kept.id}`)).body).toMatchObject({ recoverable: true });
    await registry.call('POST', `/v1/tenants/acme/api-keys/${kept.id}/revoke`);
    expect((await signed(kept.key)).text).toBe('');
    const { rows } = await registry.context.database.pool('spec', 1).query(`SELECT data::text FROM registry.events WHERE stream_id LIKE '%${kept.id}'`);
    expect(JSON.stringify(rows)).not.toContain(kept.key);
  });
});
