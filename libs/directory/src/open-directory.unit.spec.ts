import { describe, expect, it } from '@jest/globals';
import { CatalogChanged, HookChanged, SourceState, Topics } from '@hooklane/contracts/topics';
import type { EventLog, LogRecord, SubscribeOptions } from '@hooklane/event-log';
import { openDirectory } from './open-directory.js';
import type { TableProblem } from './table-follower.js';

/** A log whose deliveries the test times itself: what is appended is known to `bounds` at once, and handed over by `deliver`. */
class SlowLog implements Pick<EventLog, 'bounds' | 'subscribe'> {
  readonly records = new Map<string, LogRecord[]>([[Topics.hooksChanged, []], [Topics.catalogChanged, []]]);
  readonly handed = new Map<string, number>();
  questions = 0;
  away = false;
  private subscriber: SubscribeOptions | null = null;

  subscribe(options: SubscribeOptions): ReturnType<EventLog['subscribe']> {
    this.subscriber = options;
    return { started: Promise.resolve(), commit: async () => undefined, seek: () => undefined, close: async () => undefined };
  }

  async bounds(topic: string): Promise<{ first: number; next: number }[]> {
    this.questions += 1;
    if (this.away) throw new Error('away');
    return [{ first: 0, next: this.records.get(topic)!.length }];
  }

  append(topic: string, key: string, value: Uint8Array): void {
    const records = this.records.get(topic)!;
    records.push({ topic, partition: 0, offset: records.length, timestampMs: 0, key, headers: {}, value: Buffer.from(value), attachment: null });
  }

  async deliver(): Promise<void> {
    for (const [topic, records] of this.records) {
      const from = this.handed.get(topic) ?? 0;
      if (records.length > from) await this.subscriber!.handle({ topic, partition: 0, records: records.slice(from), endOffset: records.length });
      this.handed.set(topic, records.length);
    }
  }
}

const hook = (hookId: string, version: number): Uint8Array => HookChanged.encode({ ...HookChanged.decode(new Uint8Array()), tenantId: 'acme', hookId, version }).finish();
const tenant = (version: number, name: string, deleted = false): Uint8Array =>
  CatalogChanged.encode({ version, entry: { $case: 'tenant', value: { ...emptyTenant, tenantId: 'acme', name, deleted } } }).finish();
const emptyTenant = { tenantId: '', deleted: false, name: '', unknownEventTypes: '', unknownProjects: '', eventsPerSecond: 0, eventsBurst: 0, retentionDays: 0, allowedTargets: [], maxParkedPerHook: 0, createdAtMs: 0, webhookAccess: false };

function open(log: SlowLog): { directory: ReturnType<typeof openDirectory>; problems: TableProblem[] } {
  const problems: TableProblem[] = [];
  return { directory: openDirectory(log as unknown as EventLog, 'test', (problem) => problems.push(problem)), problems };
}

const settled = async (promise: Promise<unknown>): Promise<boolean> => {
  let done = false;
  void promise.then(() => (done = true));
  await new Promise(setImmediate);
  return done;
};

describe('openDirectory', () => {
  it('is ready when it has reached the end there was when it opened', async () => {
    const log = new SlowLog();
    log.append(Topics.hooksChanged, 'hook_1', hook('hook_1', 1));
    const { directory } = open(log);
    expect(await settled(directory.ready)).toBe(false);
    await log.deliver();
    await directory.ready;
    expect(directory.hook('hook_1')?.version).toBe(1);
  });

  it('is ready at once on an empty log', async () => {
    await open(new SlowLog()).directory.ready;
  });

  it('has seen what was appended before caughtUp was called, also when another question was under way', async () => {
    const log = new SlowLog();
    const { directory } = open(log);
    await directory.ready;
    log.append(Topics.catalogChanged, 'tenant/acme', tenant(1, 'Acme'));
    const first = directory.caughtUp();
    await new Promise(setImmediate);
    log.append(Topics.catalogChanged, 'tenant/acme', tenant(2, 'Acme & Sons'));
    const second = directory.caughtUp();
    expect(await settled(second)).toBe(false);
    await log.deliver();
    await Promise.all([first, second]);
    expect(directory.tenant('acme')?.name).toBe('Acme & Sons');
  });

  it('asks the log once for all who wait at the same time', async () => {
    const log = new SlowLog();
    const { directory } = open(log);
    await directory.ready;
    log.questions = 0;
    await Promise.all(Array.from({ length: 100 }, () => directory.caughtUp()));
    // One for each topic.
    expect(log.questions).toBe(2);
  });

  it('asks once for all calls of a turn of the event loop where a question costs, and again for those of the next', async () => {
    let questions = 0;
    const log = Object.assign(new SlowLog(), {
      ends: async (topics: readonly string[]): Promise<number[][]> => {
        questions += 1;
        return topics.map(() => [0]);
      },
    });
    const { directory } = open(log);
    await directory.ready;
    questions = 0;
    // As handlers of several partitions do: one after the other, each after some promises of its own.
    const afterPromises = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) await Promise.resolve();
      await directory.caughtUp();
    };
    await Promise.all(Array.from({ length: 20 }, (_, count) => afterPromises(count)));
    expect(questions).toBe(1);
    await Promise.all([directory.caughtUp(), new Promise(setImmediate).then(() => directory.caughtUp())]);
    expect(questions).toBe(3);
  });

  it('rejects caughtUp while the log is away and goes on when it is back', async () => {
    const log = new SlowLog();
    const { directory } = open(log);
    await directory.ready;
    log.away = true;
    await expect(directory.caughtUp()).rejects.toThrow('away');
    log.away = false;
    await directory.caughtUp();
  });

  it('reports a record that cannot be read and applies the others', async () => {
    const log = new SlowLog();
    const { directory, problems } = open(log);
    log.append(Topics.hooksChanged, 'hook_1', Buffer.from([0xff, 0xff]));
    log.append(Topics.hooksChanged, 'hook_2', hook('hook_2', 1));
    await log.deliver();
    await directory.caughtUp();
    expect(problems.map((problem) => problem.kind)).toEqual(['unreadable']);
    expect(directory.hook('hook_2')).toBeDefined();
  });

  it('finds a project by its id and by the key that it has now', async () => {
    const log = new SlowLog();
    const { directory } = open(log);
    const project = (version: number, projectId: string, key: string, deleted = false): Uint8Array =>
      CatalogChanged.encode({ version, entry: { $case: 'project', value: { tenantId: 'acme', projectId, deleted, key, name: key, blocked: false } } }).finish();
    log.append(Topics.catalogChanged, 'project/acme/prj_1', project(1, 'prj_1', 'SHOP'));
    log.append(Topics.catalogChanged, 'project/acme/prj_1', project(2, 'prj_1', 'STORE'));
    log.append(Topics.catalogChanged, 'project/acme/prj_2', project(1, 'prj_2', 'SHOP'));
    log.append(Topics.catalogChanged, 'project/acme/prj_3', project(1, 'prj_3', 'GONE'));
    log.append(Topics.catalogChanged, 'project/acme/prj_3', project(2, 'prj_3', 'GONE', true));
    await log.deliver();
    await directory.caughtUp();
    const found = (tenant: string, name: string): string | undefined => directory.projectNamed(tenant, name)?.projectId;
    expect(['prj_1', 'STORE', 'SHOP', 'GONE', 'prj_3'].map((name) => found('acme', name))).toEqual(['prj_1', 'prj_1', 'prj_2', undefined, undefined]);
    expect(found('other', 'SHOP')).toBeUndefined();
  });

  it('does not hand out what was deleted, nor resurrects it', async () => {
    const log = new SlowLog();
    const { directory } = open(log);
    log.append(Topics.catalogChanged, 'tenant/acme', tenant(1, 'Acme'));
    log.append(Topics.catalogChanged, 'tenant/acme', tenant(3, 'Acme', true));
    log.append(Topics.catalogChanged, 'tenant/acme', tenant(2, 'late'));
    await log.deliver();
    await directory.caughtUp();
    expect(directory.tenant('acme')).toBeUndefined();
  });

  it('has a tenant\'s sources in the order of their creation, of which a change is another object and a deletion leaves none', async () => {
    const log = new SlowLog();
    const { directory } = open(log);
    const put = async (version: number, part: Partial<SourceState>): Promise<void> => {
      const value: SourceState = { ...SourceState.decode(new Uint8Array()), tenantId: 'acme', ...part };
      log.append(Topics.catalogChanged, `source/${value.tenantId}/${value.sourceId}`, CatalogChanged.encode({ version, entry: { $case: 'source', value } }).finish());
      await log.deliver();
    };
    const ids = (tenantId = 'acme'): string[] => directory.sourcesOf(tenantId).map(({ sourceId }) => sourceId);
    await put(1, { sourceId: 'src_b', createdAtMs: 2 });
    await put(1, { sourceId: 'src_c', createdAtMs: 2 });
    await put(1, { sourceId: 'src_z', createdAtMs: 1 });
    await put(1, { sourceId: 'src_other', tenantId: 'other', createdAtMs: 1 });
    expect([ids(), ids('other'), ids('nobody')]).toEqual([['src_z', 'src_b', 'src_c'], ['src_other'], []]);
    const before = directory.sourcesOf('acme')[1];
    await put(2, { sourceId: 'src_b', createdAtMs: 2, name: 'changed' });
    expect(directory.sourcesOf('acme')[1]).toMatchObject({ name: 'changed' });
    expect(directory.sourcesOf('acme')[1]).not.toBe(before);
    await put(1, { sourceId: 'src_b', createdAtMs: 2, name: 'late' });
    expect(directory.sourcesOf('acme')[1]).toMatchObject({ name: 'changed' });
    await put(3, { sourceId: 'src_b', deleted: true });
    expect(ids()).toEqual(['src_z', 'src_c']);
  });
});
