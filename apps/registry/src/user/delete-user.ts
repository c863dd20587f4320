import { AppError } from '@hooklane/kernel';
import { deleteFacts } from '../facts-use-cases.js';
import type { Answer, ChangeRequest, Registry } from '../ports.js';
import { SOURCES_MAX } from '../source/change-sources.js';
import { sourceAggregate, type SourceState } from '../source/source.decider.js';
import { users } from './users.js';

/** Not while inbound sources act in the user's name: their calls would be nobody's. @throws AppError `not-found`, `invalid-state`, `version-mismatch` */
export async function deleteUser(registry: Registry, request: ChangeRequest, userId: string): Promise<Answer<null>> {
  const sources = await registry.reads.page<SourceState>(sourceAggregate, request.tenantId, { after: null, limit: SOURCES_MAX });
  const names = sources.filter(({ state }) => state.config.user === userId).map(({ state }) => `"${state.config.name}"`);
  if (names.length > 0) throw new AppError('invalid-state', `Inbound sources act in the name of this user: ${names.join(', ')}. Delete them, or give them another user, first.`);
  return deleteFacts(registry, request, users, userId);
}
