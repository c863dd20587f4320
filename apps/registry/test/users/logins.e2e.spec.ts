import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { QueryRunner } from 'typeorm';
import { CreateNumbers1763700000010 } from '../../src/adapters/migrations/create-numbers.js';
import { REGISTRY } from '../../src/api/registry.token.js';
import type { Registry } from '../../src/ports.js';
import { startRegistry, type RegistryUnderTest } from '../registry-service.js';

let under: RegistryUnderTest;
let registry: Registry;

/** What the controllers are given. */
class Wiring {
  static readonly seen: { registry?: Registry } = {};
  constructor(given: Registry) {
    Wiring.seen.registry = given;
  }
}
Reflect.defineMetadata('self:paramtypes', [{ index: 0, param: REGISTRY }], Wiring);
Reflect.defineMetadata('path', 'wiring', Wiring);
Reflect.defineMetadata('__controller__', true, Wiring);

beforeAll(async () => {
  under = await startRegistry({ HOOKLANE_DEFAULT_TENANT: 'acme' }, { controllers: [Wiring as never] });
  registry = Wiring.seen.registry!;
  for (const tenant of ['acme', 'globex']) await under.tenant(tenant);
});
afterAll(() => under.stop());

async function user(tenant: string, fields: object, password?: string): Promise<{ id: string }> {
  const { body } = await under.call('POST', `/v1/tenants/${tenant}/users`, { body: { name: 'Somebody', ...fields } });
  if (password !== undefined) await under.call('PUT', `/v1/tenants/${tenant}/users/${body.id}/password`, { body: { password } });
  return body as { id: string };
}

describe('a user with a password', () => {
  it('logs in by the user name, whatever its case, and is known by the session', async () => {
    const { id } = await user('acme', { userName: 'Ana', email: 'ana@x.example', role: 'owner' }, 'correct horse');
    const session = await registry.callers.login('ANA', 'correct horse');
    expect(session?.caller).toMatchObject({ tenantId: 'acme', actor: `user:${id}`, role: 'owner', user: { id, userName: 'Ana', email: 'ana@x.example', number: 1 } });
    expect((await registry.callers.withToken(session!.token))?.user?.id).toBe(id);
    expect(session!.token).not.toContain(id);
  });

  it('is one of the tenant that the name names, else of the default tenant', async () => {
    const { id } = await user('globex', { userName: 'bob' }, 'battery staple');
    expect(await registry.callers.login('bob', 'battery staple')).toBeNull();
    expect((await registry.callers.login('globex/bob', 'battery staple'))?.caller).toMatchObject({ tenantId: 'globex', user: { id, number: 1 } });
    expect(await registry.callers.login('acme/bob', 'battery staple')).toBeNull();
  });

  it('ends its sessions by another password, by none, and by its end', async () => {
    const { id } = await user('acme', { userName: 'carl' }, 'first password');
    const path = `/v1/tenants/acme/users/${id}`;
    const { token } = (await registry.callers.login('carl', 'first password'))!;
    await under.call('PUT', `${path}/password`, { body: { password: 'second password' } });
    expect([await registry.callers.withToken(token), await registry.callers.login('carl', 'first password')]).toEqual([null, null]);
    const second = (await registry.callers.login('carl', 'second password'))!;
    await under.call('PUT', `${path}/password`, { body: { password: null } });
    expect([await registry.callers.withToken(second.token), await registry.callers.login('carl', 'second password')]).toEqual([null, null]);
    await under.call('PUT', `${path}/password`, { body: { password: 'third password' } });
    const third = (await registry.callers.login('carl', 'third password'))!;
    await under.call('DELETE', path);
    expect([await registry.callers.withToken(third.token), await registry.callers.login('carl', 'third password')]).toEqual([null, null]);
  });

  it('is kept as a sealed hash, and shown nowhere', async () => {
    const { id } = await user('acme', { userName: 'dora' }, 'hunter2hunter2');
    const base = `/v1/tenants/acme/users/${id}`;
    const shown = await Promise.all([base, `${base}/history`, '/v1/tenants/acme/users', `${base}?at=2100-01-01T00:00:00Z`].map(async (path) => JSON.stringify((await under.call('GET', path)).body)));
    const { rows } = await under.context.database.pool('spec', 1).query(`SELECT data::text FROM registry.events WHERE stream_id = 'user/acme/${id}'`);
    for (const text of shown) expect(text).not.toMatch(/hunter2|scrypt|sealed/);
    expect(JSON.stringify(rows)).not.toMatch(/hunter2|scrypt/);
    expect((await under.call('GET', base)).body.passwordSetAt).not.toBeNull();
  });

  it('is refused for a while after too many failures, also a name that nobody had then; nobody else is', async () => {
    for (let index = 0; index < 10; index += 1) expect(await registry.callers.login('nobody', 'wrong password')).toBeNull();
    await user('acme', { userName: 'nobody' }, 'right password');
    await expect(registry.callers.login('NOBODY', 'right password')).rejects.toMatchObject({ code: 'too-many-logins', retryAfterMs: expect.any(Number) });
    expect(await registry.callers.login('ana', 'correct horse')).not.toBeNull();
  }, 60_000);

  it.each([[{ password: 'short' }], [{ password: 'x'.repeat(201) }], [{ password: 1 }], [{}], [{ password: 'long enough', more: 1 }]])('is refused as %j', async (body) => {
    const { id } = await user('acme', {});
    expect((await under.call('PUT', `/v1/tenants/acme/users/${id}/password`, { body })).status).toBe(400);
  });
});

describe('a user name', () => {
  it('is unique in its tenant, whatever its case, and free again after its user', async () => {
    const { id } = await user('acme', { userName: 'fred' });
    expect((await under.call('POST', '/v1/tenants/acme/users', { body: { name: 'x', userName: 'FRED' } })).status).toBe(409);
    await user('globex', { userName: 'fred' });
    await under.call('DELETE', `/v1/tenants/acme/users/${id}`);
    expect((await under.call('POST', '/v1/tenants/acme/users', { body: { name: 'x', userName: 'FRED' } })).status).toBe(201);
  });

  it('has no slash, and may be taken away', async () => {
    expect((await under.call('POST', '/v1/tenants/acme/users', { body: { name: 'x', userName: 'a/b' } })).status).toBe(400);
    const { id } = await user('acme', { userName: 'gone' });
    expect((await under.call('PATCH', `/v1/tenants/acme/users/${id}`, { body: { userName: null } })).body.userName).toBeNull();
  });
});

describe('small numbers', () => {
  it('count each kind of a tenant from 1, in the order of creation, and are kept through deletion, rebuild and migration', async () => {
    const { numbers } = registry;
    const project = async (tenant: string, key: string): Promise<string> => (await under.call('POST', `/v1/tenants/${tenant}/projects`, { body: { key, name: key } })).body.id as string;
    const [one, two, other] = [await project('acme', 'A'), await project('acme', 'B'), await project('globex', 'A')];
    const hook = (await under.hook('acme')).id as string;
    const all = async (): Promise<unknown[]> => [await numbers.numbersOf('acme', 'project', [one, two, 'prj_no']), await numbers.numberOf('globex', 'project', other), await numbers.numberOf('acme', 'hook/native', hook), await numbers.idOf('acme', 'project', 2)];
    expect(await all()).toEqual([new Map([[one, 1], [two, 2]]), 1, 1, two]);
    await under.call('DELETE', `/v1/tenants/acme/projects/${two}`);
    expect(await numbers.numberOf('acme', 'project', await project('acme', 'C'))).toBe(3);
    await under.call('POST', '/v1/registry/read-models/rebuild');
    expect(await all()).toEqual([new Map([[one, 1], [two, 2]]), 1, 1, two]);
    // What was made before there were numbers gets the same ones.
    const pool = under.context.database.pool('spec', 1) as unknown as QueryRunner;
    const migration = new CreateNumbers1763700000010();
    await migration.down(pool);
    await migration.up(pool);
    expect(await all()).toEqual([new Map([[one, 1], [two, 2]]), 1, 1, two]);
    expect([await numbers.idOf('acme', 'project', 99), await numbers.idOf('acme', 'project', 1.5), await numbers.idOf('acme', 'project', 2 ** 60), await numbers.idOf('acme', 'hook/taiga', 1), await numbers.numberOf('globex', 'project', one)]).toEqual([null, null, null, null, null]);
  });
});
