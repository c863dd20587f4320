import { z } from 'zod';
import { limits } from '../limits.js';
import { scopes } from '../scopes.js';
import { isStorable, line, moment, text } from './text.js';

export * from './registry-hooks.js';

/** Tenants, project keys' cousins: named by the caller, usable in a path without escapes. */
export const tenantIdPattern = /^[a-z0-9][a-z0-9-]{0,62}$/;

export const PageQuery = z
  .strictObject({
    cursor: z.string().max(1_024).optional(),
    limit: z.coerce.number().int().min(1).max(limits.pageSizeMax).optional().describe(`Default ${limits.pageSize}.`),
  })
  .meta({ id: 'PageQuery' });
export type PageQuery = z.infer<typeof PageQuery>;

/** The body of a POST that needs none: absent, or an object without fields. */
export const NoFields = z.strictObject({}).meta({ id: 'NoFields' });
export type NoFields = z.infer<typeof NoFields>;

/** `?at=`: the state then. */
export const AtQuery = z.strictObject({ at: moment.optional() }).meta({ id: 'AtQuery' });
export type AtQuery = z.infer<typeof AtQuery>;

const pageOf = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item), next: z.string().nullable().describe('Cursor of the next page; null: there is none.') });

export const TenantPut = z
  .strictObject({
    name: line(200).optional(),
    unknownEventTypes: z.enum(['accept', 'reject']).optional(),
    unknownProjects: z.enum(['accept', 'reject']).optional().describe('Of events whose project is neither the id nor the key of one of the tenant\'s; default accept.'),
    webhookAccess: z.boolean().optional().describe('Whether the tenant\'s inbound sources accept calls at all; default false.'),
    quotas: z
      .strictObject({
        eventsPerSecond: z.int().min(0).max(1_000_000).optional().describe('0: no limit of its own.'),
        eventsBurst: z.int().min(0).max(10_000_000).optional(),
        maxParkedPerHook: z.int().min(0).max(100_000_000).optional().describe('0: the platform\'s default.'),
      })
      .optional(),
    retentionDays: z.int().min(1).max(3_650).optional(),
    allowedTargets: z.array(z.string().min(1).max(255)).max(200).optional().describe('CIDR ranges, addresses and host names that the tenant\'s hooks may reach although the target guard denies them.'),
  })
  .meta({ id: 'TenantPut' });
export type TenantPut = z.infer<typeof TenantPut>;

export const TenantView = z
  .object({
    id: z.string(),
    name: z.string(),
    unknownEventTypes: z.enum(['accept', 'reject']),
    unknownProjects: z.enum(['accept', 'reject']),
    webhookAccess: z.boolean(),
    quotas: z.object({ eventsPerSecond: z.int(), eventsBurst: z.int(), maxParkedPerHook: z.int() }),
    retentionDays: z.int(),
    allowedTargets: z.array(z.string()),
    version: z.int(),
    createdAt: moment,
    updatedAt: moment,
  })
  .meta({ id: 'Tenant' });
export type TenantView = z.infer<typeof TenantView>;
export const TenantPage = pageOf(TenantView).meta({ id: 'TenantPage' });

export const ApiKeyCreate = z
  .strictObject({
    name: line(200),
    scopes: z.array(z.enum(scopes)).min(1).max(scopes.length).refine((list) => new Set(list).size === list.length, 'Each at most once.'),
    expiresAt: moment.nullable().optional(),
    user: z.string().max(64).nullable().optional().describe('Id of a user of the tenant. At the dialects\' APIs the key then speaks for this user, with the user\'s roles as far as the scopes go.'),
    recoverable: z.boolean().optional().describe('Keeps a sealed copy, for Worksection\'s API, whose clients sign with the key instead of sending it. It is shown to nobody. Default false.'),
  })
  .meta({ id: 'ApiKeyCreate' });
export type ApiKeyCreate = z.infer<typeof ApiKeyCreate>;

export const ApiKeyView = z
  .object({
    id: z.string(),
    tenant: z.string().nullable().describe('Null: good for every tenant and for the platform itself.'),
    name: z.string(),
    scopes: z.array(z.enum(scopes)),
    expiresAt: moment.nullable(),
    user: z.string().nullable(),
    recoverable: z.boolean(),
    revoked: z.boolean(),
    lastUsedAt: moment.nullable(),
    version: z.int(),
    createdAt: moment,
    updatedAt: moment,
  })
  .meta({ id: 'ApiKey' });
export type ApiKeyView = z.infer<typeof ApiKeyView>;
export const ApiKeyCreated = ApiKeyView.extend({ key: z.string().describe('Shown this once.') }).meta({ id: 'ApiKeyWithSecret' });
export type ApiKeyCreated = z.infer<typeof ApiKeyCreated>;
export const ApiKeyPage = pageOf(ApiKeyView).meta({ id: 'ApiKeyPage' });

const schemaDocument = z.union([z.record(z.string(), z.unknown()), z.boolean()]).refine(isStorable, 'Must not hold U+0000.');
const eventTypeFields = {
  description: text(4_000).nullable().optional(),
  schema: schemaDocument.nullable().optional().describe('JSON Schema 2020-12 that the data of events must fit.'),
  example: z.unknown().refine(isStorable, 'Must not hold U+0000.').optional(),
};
export const EventTypeCreate = z.strictObject({ name: z.string().min(1).max(limits.eventTypeLength), ...eventTypeFields }).meta({ id: 'EventTypeCreate' });
export type EventTypeCreate = z.infer<typeof EventTypeCreate>;
export const EventTypePatch = z.strictObject(eventTypeFields).meta({ id: 'EventTypePatch' });
export type EventTypePatch = z.infer<typeof EventTypePatch>;
export const EventTypeView = z
  .object({
    name: z.string(),
    tenant: z.string(),
    description: z.string().nullable(),
    schema: schemaDocument.nullable(),
    example: z.unknown(),
    version: z.int(),
    createdAt: moment,
    updatedAt: moment,
  })
  .meta({ id: 'EventType' });
export type EventTypeView = z.infer<typeof EventTypeView>;
export const EventTypePage = pageOf(EventTypeView).meta({ id: 'EventTypePage' });

const projectKey = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'Letters, digits, dots, hyphens and underscores; at most 64.');
export const ProjectCreate = z.strictObject({ key: projectKey, name: line(200), blocked: z.boolean().optional() }).meta({ id: 'ProjectCreate' });
export type ProjectCreate = z.infer<typeof ProjectCreate>;
export const ProjectPatch = z.strictObject({ key: projectKey.optional(), name: line(200).optional(), blocked: z.boolean().optional() }).meta({ id: 'ProjectPatch' });
export type ProjectPatch = z.infer<typeof ProjectPatch>;
export const ProjectView = z
  .object({ id: z.string(), tenant: z.string(), key: z.string(), name: z.string(), blocked: z.boolean(), version: z.int(), createdAt: moment, updatedAt: moment })
  .meta({ id: 'Project' });
export type ProjectView = z.infer<typeof ProjectView>;
export const ProjectPage = pageOf(ProjectView).meta({ id: 'ProjectPage' });

const userRole = z.enum(['owner', 'admin', 'member', 'viewer']);
const email = z.email().max(254);
const userName = z.string().regex(/^[A-Za-z0-9._@+-]{1,254}$/, 'Letters, digits and . _ @ + -; at most 254.').nullable().describe('What the user logs in with at the dialects\' APIs; unique in the tenant, whatever its case. Null: the user does not log in.');
export const UserCreate = z.strictObject({ name: line(200), userName: userName.optional(), email: email.nullable().optional(), role: userRole.optional().describe('Default member.') }).meta({ id: 'UserCreate' });
export type UserCreate = z.infer<typeof UserCreate>;
export const UserPatch = z.strictObject({ name: line(200).optional(), userName: userName.optional(), email: email.nullable().optional(), role: userRole.optional() }).meta({ id: 'UserPatch' });
export type UserPatch = z.infer<typeof UserPatch>;
export const UserView = z
  .object({
    id: z.string(),
    tenant: z.string(),
    name: z.string(),
    userName: z.string().nullable(),
    email: z.string().nullable(),
    role: userRole,
    passwordSetAt: moment.nullable().describe('Null: none is set, so that nobody can log in as this user.'),
    version: z.int(), createdAt: moment, updatedAt: moment,
  })
  .meta({ id: 'User' });
export type UserView = z.infer<typeof UserView>;
export const UserPage = pageOf(UserView).meta({ id: 'UserPage' });

/** In code points as sent; what else a good password needs is its owner's business. */
export const PasswordPut = z
  .strictObject({ password: z.string().min(8).max(200).nullable().describe('At least 8 characters; null: none any more. A change ends the user\'s sessions.') })
  .meta({ id: 'PasswordPut' });
export type PasswordPut = z.infer<typeof PasswordPut>;

const memberRole = z.enum(['admin', 'member', 'viewer', 'product-owner', 'scrum-master']);
export const MembershipPut = z.strictObject({ role: memberRole }).meta({ id: 'MembershipPut' });
export type MembershipPut = z.infer<typeof MembershipPut>;
export const MembershipView = z
  .object({ tenant: z.string(), project: z.string(), user: z.string(), role: memberRole, version: z.int(), createdAt: moment, updatedAt: moment })
  .meta({ id: 'Membership' });
export type MembershipView = z.infer<typeof MembershipView>;
export const MembershipPage = pageOf(MembershipView).meta({ id: 'MembershipPage' });

export const ReadModelsRebuilt = z.object({ events: z.int().describe('How many events the read models were made from.') }).meta({ id: 'ReadModelsRebuilt' });
