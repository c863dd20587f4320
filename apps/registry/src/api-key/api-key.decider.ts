import type { Scope } from '@hooklane/contracts';
import { AppError } from '@hooklane/kernel';
import type { Aggregate, AggregateState } from '../ports.js';

export interface ApiKeyState extends AggregateState {
  /** Empty: good for every tenant and for the platform. */
  readonly tenantId: string;
  readonly keyId: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** SHA-256 of the key as hex; the key itself is stored nowhere. */
  readonly hash: string;
  /** 0: never. */
  readonly expiresAtMs: number;
  /** The user it speaks for at dialect APIs. Keys from before there were such have none. */
  readonly userId?: string;
  /** A sealed copy of the key; absent unless it was made recoverable. */
  readonly sealedKey?: string;
  readonly revoked: boolean;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

type Created = Pick<ApiKeyState, 'tenantId' | 'keyId' | 'name' | 'scopes' | 'hash' | 'expiresAtMs' | 'userId' | 'sealedKey'>;
type At = { readonly atMs: number };

export type ApiKeyEvent =
  | { readonly type: 'ApiKeyCreated'; readonly data: At & Created }
  | { readonly type: 'ApiKeyRevoked'; readonly data: At }
  | { readonly type: 'VersionRaised'; readonly data: At & { readonly by: number } };

export type ApiKeyCommand =
  | ({ readonly kind: 'create'; readonly atMs: number } & Created)
  | { readonly kind: 'revoke'; readonly atMs: number }
  | { readonly kind: 'raise-version'; readonly by: number; readonly atMs: number };

export const apiKeyAggregate: Aggregate<ApiKeyState, ApiKeyCommand, ApiKeyEvent> = { kind: 'api-key', initial: () => absentKey, decide, evolve };

function decide(command: ApiKeyCommand, state: ApiKeyState): readonly ApiKeyEvent[] {
  const { atMs } = command;
  switch (command.kind) {
    case 'create': {
      if (state.status !== 'absent') throw new AppError('already-exists', 'There is a key with this id.');
      const { kind: _, ...created } = command;
      return [{ type: 'ApiKeyCreated', data: created }];
    }
    case 'revoke':
      if (state.status !== 'live') throw new AppError('not-found', 'There is no such API key.');
      return state.revoked ? [] : [{ type: 'ApiKeyRevoked', data: { atMs } }];
    case 'raise-version':
      return command.by > 0 ? [{ type: 'VersionRaised', data: { by: command.by, atMs } }] : [];
    default:
      return command satisfies never;
  }
}

function evolve(state: ApiKeyState, { type, data }: ApiKeyEvent): ApiKeyState {
  switch (type) {
    case 'ApiKeyCreated': {
      const { atMs, ...key } = data;
      return { ...state, ...key, status: 'live', createdAtMs: atMs, updatedAtMs: atMs };
    }
    case 'ApiKeyRevoked':
      return { ...state, revoked: true, updatedAtMs: data.atMs };
    case 'VersionRaised':
      return { ...state, raisedBy: state.raisedBy + data.by, updatedAtMs: data.atMs };
    default:
      void (type satisfies never);
      return state;
  }
}

const absentKey: ApiKeyState = { status: 'absent', raisedBy: 0, tenantId: '', keyId: '', name: '', scopes: [], hash: '', expiresAtMs: 0, revoked: false, createdAtMs: 0, updatedAtMs: 0 };
