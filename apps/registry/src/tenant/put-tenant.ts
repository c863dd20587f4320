import { tenantIdPattern, type TenantPut, type TenantView } from '@hooklane/contracts/rest';
import { AppError } from '@hooklane/kernel';
import { allowedTargetProblem } from '@hooklane/routing';
import type { Answer, ChangeRequest, Registry } from '../ports.js';
import { tenantView } from './tenant-view.js';
import { tenantAggregate, type TenantCommand, type TenantSettings, type TenantState } from './tenant.decider.js';

/**
 * Creates the tenant, or changes what the body names.
 * @param isOperator whether the key is the platform's: only it may create tenants, and change what protects others (quotas, retention, targets)
 * @throws AppError `missing-scope`, `invalid-request`, `version-mismatch`
 */
export async function putTenant(registry: Registry, request: ChangeRequest, isOperator: boolean, body: TenantPut): Promise<Answer<TenantView>> {
  const { tenantId, meta } = request;
  assertWellFormed(tenantId, body.allowedTargets ?? []);
  const settings = settingsOf(body);
  const command = (state: TenantState): TenantCommand => {
    if (!isOperator) assertOwnSettings(state, settings);
    return { kind: 'put', tenantId, settings, atMs: meta.atMs };
  };
  return registry.changes.execute({
    aggregate: tenantAggregate,
    id: tenantId,
    request,
    command,
    answer: ({ state, version, history, appended }) => ({ status: history.length === appended.length ? 201 : 200, version, body: tenantView(state, version) }),
  });
}

function settingsOf({ quotas, ...body }: TenantPut): Partial<TenantSettings> {
  return Object.fromEntries(Object.entries({ ...body, ...quotas }).filter(([, value]) => value !== undefined));
}

function assertWellFormed(tenantId: string, allowedTargets: readonly string[]): void {
  const errors = allowedTargets.flatMap((entry, index) => {
    const message = allowedTargetProblem(entry);
    return message === null ? [] : [{ pointer: `/allowedTargets/${index}`, message }];
  });
  if (!tenantIdPattern.test(tenantId)) errors.push({ pointer: '/tenant', message: 'A tenant is named by 1 to 63 lower-case letters, digits and hyphens, and does not begin with a hyphen.' });
  if (errors.length > 0) throw new AppError('invalid-request', `${errors[0]!.pointer}: ${errors[0]!.message}`, { details: { errors } });
}

const OWN_SETTINGS: ReadonlySet<string> = new Set<keyof TenantSettings>(['name', 'unknownEventTypes', 'unknownProjects', 'webhookAccess']);

function assertOwnSettings(state: TenantState, settings: Partial<TenantSettings>): void {
  if (state.status !== 'live') throw new AppError('not-found', 'There is no such tenant.');
  const foreign = Object.entries(settings).find(([name, value]) => !OWN_SETTINGS.has(name) && JSON.stringify(value) !== JSON.stringify(state[name as keyof TenantSettings]));
  if (foreign) throw new AppError('missing-scope', `Only a key of the platform may change ${foreign[0]}.`, { details: { field: foreign[0] } });
}
