import { describe, expect, it } from '@jest/globals';
import { fold } from '@hooklane/event-sourcing';
import { inboundKindOf } from '@hooklane/dialects';
import { defaultConfig, patchedConfig } from './source-draft.js';
import { sourceAggregate, type SourceCommand, type SourceEvent, type SourceState } from './source.decider.js';

const kind = inboundKindOf('tiki')!;
const config = { ...defaultConfig(kind), name: 'Mautic', user: 'usr_1', header: 'X' };
const created: SourceEvent = { type: 'SourceCreated', data: { tenantId: 'acme', sourceId: 'src_1', kind: 'tiki', config, sealedSecret: 'sealed', atMs: 1 } };
const after = (...given: SourceEvent[]): SourceState => fold(sourceAggregate, given);
const decide = (command: SourceCommand, ...given: SourceEvent[]): readonly SourceEvent[] => sourceAggregate.decide(command, after(...given));
const codeOf = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('a source', () => {
  it('changes by what differs only, and by a new secret', () => {
    const changed = patchedConfig(config, { algorithm: 'sha512', forwardedHeaders: null }, kind);
    expect(decide({ kind: 'configure', config: changed, sealedSecret: null, atMs: 2 }, created)).toEqual([{ type: 'SourceConfigured', data: { changes: { algorithm: 'sha512' }, sealedSecret: null, atMs: 2 } }]);
    expect(decide({ kind: 'configure', config, sealedSecret: null, atMs: 2 }, created)).toEqual([]);
    expect(decide({ kind: 'configure', config, sealedSecret: 'new', atMs: 2 }, created)).toEqual([{ type: 'SourceConfigured', data: { changes: {}, sealedSecret: 'new', atMs: 2 } }]);
  });

  it('forgets its secret and what it was when it is deleted, keeps its id, and is not made again', () => {
    const deleted: SourceEvent = { type: 'SourceDeleted', data: { atMs: 3 } };
    expect(after(created, deleted)).toMatchObject({ status: 'deleted', tenantId: 'acme', sourceId: 'src_1', sealedSecret: '', config: { name: '', user: '' } });
    for (const command of [{ kind: 'delete', atMs: 4 }, { kind: 'configure', config, sealedSecret: null, atMs: 4 }] as const) expect(codeOf(() => decide(command, created, deleted))).toBe('not-found');
    expect(codeOf(() => decide({ kind: 'create', source: created.data as never }, created, deleted))).toBe('already-exists');
  });

  it('goes above a version that the database has forgotten', () => {
    expect(decide({ kind: 'raise-version', by: 2, atMs: 5 }, created)).toEqual([{ type: 'VersionRaised', data: { by: 2, atMs: 5 } }]);
    expect(decide({ kind: 'raise-version', by: 0, atMs: 5 }, created)).toEqual([]);
    expect(after(created, { type: 'VersionRaised', data: { by: 2, atMs: 5 } })).toMatchObject({ raisedBy: 2, config: { name: 'Mautic' } });
  });
});

describe('a patch of a source', () => {
  it('leaves what is absent, sets what is there, and null gives back the default of the kind', () => {
    const patched = patchedConfig({ ...config, algorithm: 'sha512', project: 'p', enabled: false }, { algorithm: null, project: null, eventType: 'x' }, kind);
    expect(patched).toEqual({ ...config, enabled: false, eventType: 'x' });
  });
});
