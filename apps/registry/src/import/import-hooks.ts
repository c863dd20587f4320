import { HookCreate, type HookImport, type HookImportResult } from '@hooklane/contracts/rest';
import { hookImporters, maskedUrl, type ImportedEntry, type ImportedHook } from '@hooklane/dialects';
import { AppError, isAppError } from '@hooklane/kernel';
import { everyOne } from '../every-one.js';
import { checkedDraft, createHook } from '../hook/create-hook.js';
import { hookSecretsOf } from '../hook/hook-secrets.js';
import { hookAggregate } from '../hook/hook.decider.js';
import type { HookState } from '../hook/hook-state.js';
import type { Answer, ChangeRequest, Registry } from '../ports.js';
import { tenantOf } from '../tenant/find-tenant.js';

type Item = HookImportResult['items'][number];

const HOOKS_MAX = 1_000;
const NAME_LENGTH_MAX = 200;

/**
 * Makes the hooks of a product's own list, each by itself: one that cannot be made is a problem of its own. What is there already, by dialect, name and address, is
 * left alone, so that the same import can be repeated.
 * @throws AppError `not-found` (tenant), `invalid-request` for what is no such list
 */
export async function importHooks(registry: Registry, request: ChangeRequest, { dialect, hooks, project, dryRun = true }: HookImport): Promise<Answer<HookImportResult>> {
  await tenantOf(registry, request.tenantId);
  const entries = hookImporters[dialect](hooks);
  if (entries === null) throw badList(`Is no list of hooks as ${dialect} answers it.`);
  if (entries.length > HOOKS_MAX) throw badList(`Has ${entries.length} hooks; at most ${HOOKS_MAX} are taken at once.`);
  const known = await knownHooks(registry, request.tenantId, dialect);
  const items: Item[] = [];
  for (const [index, entry] of entries.entries()) items.push({ index, ...(await imported(registry, request, { dialect, project, dryRun, known }, entry)) });
  return { status: 200, version: null, body: { dryRun, items } };
}

interface Import {
  readonly dialect: string;
  readonly project: string | undefined;
  readonly dryRun: boolean;
  /** Ids of the hooks that are there, or that a dry run would have made, by name and address. */
  readonly known: Map<string, string | null>;
}

async function imported(registry: Registry, request: ChangeRequest, { dialect, project, dryRun, known }: Import, entry: ImportedEntry): Promise<Omit<Item, 'index'>> {
  if (!entry.ok) return { name: '', url: '', ...problem('invalid-request', entry.reason) };
  const body = bodyOf(entry.hook, dialect, project);
  const shown = { name: body.name, url: maskedUrl(body.url) };
  const key = keyOf(body);
  if (known.has(key)) return { ...shown, result: 'exists', hook: known.get(key) ?? null, code: null, message: null };
  try {
    const { success, data, error } = HookCreate.safeParse(body);
    if (!success) return { ...shown, ...problem('invalid-request', error.issues.map(({ path, message }) => `/${path.join('/')}: ${message}`).join(' ')) };
    const id = dryRun ? await checked(registry, request, data) : await made(registry, request, data);
    known.set(key, id);
    return { ...shown, result: dryRun ? 'would-create' : 'created', hook: id, code: null, message: null };
  } catch (error) {
    // What is about this hook only; anything else ends the import, and its repeat goes on where it stood.
    if (!isAppError(error) || error.retryable) throw error;
    return { ...shown, ...problem(error.code, error.publicMessage) };
  }
}

async function checked(registry: Registry, request: ChangeRequest, body: HookCreate): Promise<null> {
  await checkedDraft(registry, request, body);
  return null;
}

async function made(registry: Registry, request: ChangeRequest, body: HookCreate): Promise<string> {
  // The whole import is what is done once; each hook of it would be another request with the same key.
  const { body: hook } = await createHook(registry, { ...request, idempotencyKey: null, ifMatch: null }, body, { origin: 'api' });
  return hook.id;
}

function bodyOf({ name, url, eventTypes, projects, enabled, secret, verifiesTls, metadata }: ImportedHook, dialect: string, project: string | undefined): HookCreate {
  const chosen = project === undefined ? projects : [project];
  return {
    name: (name || dialect).slice(0, NAME_LENGTH_MAX),
    url,
    dialect,
    ...(eventTypes ? { eventTypes: [...eventTypes] } : {}),
    ...(chosen ? { projects: [...chosen] } : {}),
    ...(enabled === undefined ? {} : { enabled }),
    ...(secret === undefined ? {} : { secret }),
    ...(verifiesTls === false ? { tls: { verify: false } } : {}),
    ...(metadata ? { metadata: { ...metadata } } : {}),
  };
}

async function knownHooks(registry: Registry, tenantId: string, dialect: string): Promise<Map<string, string>> {
  const known = new Map<string, string>();
  for await (const { id, state } of everyOne<HookState>(registry.reads, hookAggregate, tenantId)) {
    if (state.dialect === dialect) known.set(keyOf({ name: state.config.name, url: hookSecretsOf(registry, state).url }), id);
  }
  return known;
}

const keyOf = ({ name, url }: { readonly name: string; readonly url: string }): string => JSON.stringify([name, url]);

const problem = (code: string, message: string): Pick<Item, 'result' | 'hook' | 'code' | 'message'> => ({ result: 'problem', hook: null, code, message });

function badList(message: string): AppError {
  return new AppError('invalid-request', `/hooks: ${message}`, { details: { errors: [{ pointer: '/hooks', message }] } });
}
