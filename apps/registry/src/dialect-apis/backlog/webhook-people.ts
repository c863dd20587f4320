import type { RecordedEvent } from '@hooklane/event-sourcing';
import { apiKeyAggregate, type ApiKeyState } from '../../api-key/api-key.decider.js';
import type { FactsEvent } from '../../facts-aggregate.js';
import type { HookEvent } from '../../hook/hook-state.js';
import type { Registry, UserRole } from '../../ports.js';
import { userAggregate, type UserFacts } from '../../user/users.js';
import type { BacklogUser } from './webhook-view.js';

/** Who made a webhook and who changed it last, and when: Backlog's objects say so. */
export interface WebhookPeople {
  readonly createdUser: BacklogUser;
  readonly createdAtMs: number;
  readonly updatedUser: BacklogUser;
  readonly updatedAtMs: number;
}

type People = Pick<Registry, 'reads' | 'numbers'>;

/** What the object shows stands in these; a webhook that was only switched or told something is as it was. */
const SHOWN_CHANGES: ReadonlySet<HookEvent['type']> = new Set<HookEvent['type']>(['HookCreated', 'HookConfigured']);

export async function webhookPeople(registry: People, tenantId: string, hookId: string): Promise<WebhookPeople> {
  const history = (await registry.reads.history<HookEvent>('hook', tenantId, hookId)).filter(({ event }) => SHOWN_CHANGES.has(event.type));
  const [first, last] = [history[0]!, history.at(-1)!];
  const createdUser = await personOf(registry, tenantId, first);
  const updatedUser = first.meta.actor === last.meta.actor ? createdUser : await personOf(registry, tenantId, last);
  return { createdUser, createdAtMs: first.meta.atMs, updatedUser, updatedAtMs: last.meta.atMs };
}

/** An actor is `user:<id>`, `key:<id>` or a part of the platform. What is no user has the number 0. */
async function personOf(registry: People, tenantId: string, { meta }: RecordedEvent<HookEvent>): Promise<BacklogUser> {
  const [kind, id = ''] = meta.actor.split(':');
  if (kind === 'user') return userOf(registry, tenantId, id);
  const key = kind === 'key' ? await registry.reads.find<ApiKeyState>(apiKeyAggregate, tenantId, id) : null;
  if (key?.state.userId) return userOf(registry, tenantId, key.state.userId);
  return person({ id: 0, userId: null, name: key?.state.name ?? meta.actor, role: 'admin', mail: null });
}

/** Also of one who is gone. */
async function userOf({ reads, numbers }: People, tenantId: string, userId: string): Promise<BacklogUser> {
  const history = await reads.history<FactsEvent<'User', UserFacts>>('user', tenantId, userId);
  const { facts } = history.reduce((state, { event }) => userAggregate.evolve(state, event), userAggregate.initial());
  const number = await numbers.numberOf(tenantId, 'user', userId);
  return person({ id: number ?? 0, userId: facts.userName ?? null, name: facts.name, role: facts.role, mail: facts.email });
}

const ROLE_TYPES: Readonly<Record<UserRole, number>> = { owner: 1, admin: 1, member: 2, viewer: 4 };

function person({ id, userId, name, role, mail }: { id: number; userId: string | null; name: string; role: UserRole; mail: string | null }): BacklogUser {
  return { id, userId, name, roleType: ROLE_TYPES[role], lang: null, nulabAccount: null, mailAddress: mail, lastLoginTime: null };
}
