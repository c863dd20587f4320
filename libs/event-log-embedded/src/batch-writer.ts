import type pg from 'pg';
import { AppError } from '@hooklane/kernel';
import { sentenceOf } from '@hooklane/postgres';
import type { Batch } from './batch.js';
import type { Report } from './report.js';
import type { Segments } from './segments.js';

export interface BatchWriterOptions {
  /** A pool of one: the writer's own connection. */
  readonly pool: pg.Pool;
  readonly report: Report;
  /** The batch is in the log. */
  committed(batch: Batch): void;
  /** Nothing is under way: the next batch may come. */
  idle(): void;
}

// Two numbers that name "the writer of this database's event log" among the advisory locks of the server.
const LOCK = [0x686f6f6b, 0x6c6f67] as const;
const ANOTHER_WRITER = 'Another process is writing the event log of this database.';
const FIRST_BACK_OFF_MS = 20;
const LONGEST_BACK_OFF_MS = 1_000;
/** A statement that takes longer is taken for lost: a commit waits some tens of milliseconds for the disk, not seconds. */
const STATEMENT_TIMEOUT_MS = 30_000;
const WATCH_EVERY_MS = 5_000;
const SLOW_MS = 5_000;

/**
 * Writes one batch at a time over one connection. A batch whose fate is unknown (the connection went away before the answer) is looked up by
 * its primary keys, (partition, base), which no other batch can have: if its rows are there, it is in; if none is, it is sent again.
 * The session's advisory lock makes that answer final: it is granted only when the backend that may still be at work on the batch is gone.
 */
export class BatchWriter {
  private segments!: Segments;
  private client: pg.PoolClient | null = null;
  private backendPid = 0;
  private batch: Batch | null = null;
  private sentAtMs = 0;
  private job: Job | null = null;
  private trouble = 'the log is being opened';
  private closed = false;
  private watch: NodeJS.Timeout | null = null;
  private wakeUp: (() => void) | null = null;

  constructor(private readonly options: BatchWriterOptions) {}

  get isFree(): boolean {
    return this.client !== null && this.batch === null && this.job === null;
  }

  /** The batch that may or may not be written already. */
  get underWay(): Batch | null {
    return this.batch;
  }

  health(): { ready: boolean; reason: string } {
    if (this.client === null) return { ready: false, reason: this.trouble };
    const waitedMs = this.batch ? performance.now() - this.sentAtMs : 0;
    return waitedMs > SLOW_MS ? { ready: false, reason: `a commit of the event log has taken ${Math.round(waitedMs)} ms so far` } : { ready: true, reason: '' };
  }

  /**
   * First connection; `prepare` runs before anything is written, and loads the segments.
   * A refused opening leaves nothing running.
   * @throws AppError `log-unavailable` when another process is the writer, or the database is closed meanwhile: nobody would close this log.
   */
  async open(prepare: (client: pg.ClientBase) => Promise<Segments>): Promise<void> {
    const client = await this.connect();
    try {
      this.segments = await prepare(client);
      if (this.options.pool.ending) throw new AppError('log-unavailable', 'The database was closed while its event log was being opened.', { retryable: false });
    } catch (error) {
      client.release(true);
      throw error;
    }
    this.use(client);
    this.watch = setInterval(() => this.lookAfter(), WATCH_EVERY_MS);
    this.watch.unref();
  }

  /** Only while `isFree`. */
  send(batch: Batch): void {
    this.batch = batch;
    this.sentAtMs = performance.now();
    this.write(batch);
  }

  /** Runs `work` on the writer's connection while no batch is under way. Rejects when the connection fails; then it may or may not have been done. */
  exclusive(work: (client: pg.ClientBase) => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.job) return reject(new Error('another piece of work waits for the writer'));
      this.job = { work, resolve, reject, isRunning: false };
      this.startJob();
    });
  }

  close(): void {
    this.closed = true;
    if (this.watch) clearInterval(this.watch);
    this.wakeUp?.();
    const client = this.client;
    this.client = null;
    this.trouble = 'the log is closed';
    // Ending the session gives the lock back.
    client?.release(true);
  }

  private write(batch: Batch): void {
    const config = statementOf(batch, this.segments.current.id);
    const client = this.client as pg.PoolClient;
    client.query(config, (error) => {
      // An answer that comes after the connection was given up: recovery decides.
      if (this.client !== client) return;
      if (error) this.lost(client, error);
      else this.done(batch);
    });
  }

  private done(batch: Batch): void {
    this.batch = null;
    this.options.committed(batch);
    this.next();
  }

  private next(): void {
    if (this.job && !this.job.isRunning) this.startJob();
    if (this.isFree) this.options.idle();
  }

  private startJob(): void {
    const { job, client } = this;
    if (!job || !client || this.batch) return;
    job.isRunning = true;
    job.work(client).then(
      () => {
        this.job = null;
        job.resolve();
        this.next();
      },
      (error: Error) => {
        this.job = null;
        job.reject(error);
        // What the work did is unknown, so nothing is written before the state was read again.
        this.lost(client, error);
      },
    );
  }

  private lost(client: pg.PoolClient, error: Error): void {
    if (this.client !== client) return;
    this.client = null;
    this.trouble = `the event log cannot be written: ${sentenceOf(error)}`;
    this.options.report('error', 'the event log lost its connection to Postgres', { reason: sentenceOf(error), batchUnderWay: this.batch !== null });
    client.release(true);
    if (!this.closed) void this.recover();
  }

  private async recover(): Promise<void> {
    const since = performance.now();
    for (let tries = 0; !this.closed; tries += 1) {
      // Who closed the database before its log has forgotten the log: it is never writable again.
      if (this.options.pool.ending) {
        this.trouble = 'the event log cannot be written: its database was closed';
        this.options.report('error', 'the event log gives up: its database was closed', { batchUnderWay: this.batch !== null });
        return;
      }
      try {
        if (await this.tryToRecover()) {
          this.options.report('info', 'the event log can be written again', { afterMs: Math.round(performance.now() - since), tries: tries + 1 });
          return;
        }
      } catch (error) {
        this.trouble = `the event log cannot be written: ${sentenceOf(error)}`;
        if (tries % 30 === 0) this.options.report('warn', 'the event log still cannot be written', { reason: sentenceOf(error), tries });
      }
      await this.pause(Math.min(FIRST_BACK_OFF_MS * 2 ** Math.min(tries, 10), LONGEST_BACK_OFF_MS));
    }
  }

  private async tryToRecover(): Promise<boolean> {
    const client = await this.connect();
    try {
      await within(STATEMENT_TIMEOUT_MS, this.settle(client));
    } catch (error) {
      client.release(true);
      throw error;
    }
    const { batch } = this;
    this.batch = null;
    if (this.closed) client.release(true);
    else this.use(client);
    if (batch) this.options.committed(batch);
    this.next();
    return true;
  }

  /** Leaves the batch written, whether it was already or is now. The same statement that failed is repeated here, so that the caller's loop paces it. */
  private async settle(client: pg.PoolClient): Promise<void> {
    const { segments } = this;
    await segments.load(client);
    if (!this.batch) return;
    const fate = await fateOf(client, this.batch, segments.currentTable);
    if (fate === 'unknown') throw new Error('the log was changed by somebody else while it was being written');
    if (fate === 'not-written') await client.query(statementOf(this.batch, segments.current.id));
  }

  private use(client: pg.PoolClient): void {
    this.client = client;
    client.on('error', (error) => this.lost(client, error));
  }

  private async connect(): Promise<pg.PoolClient> {
    const client = await this.options.pool.connect();
    // Until it is taken into use; a failure then shows in the query that meets it.
    const ignore = (): void => undefined;
    client.on('error', ignore);
    try {
      await within(STATEMENT_TIMEOUT_MS, this.becomeWriter(client));
      return client;
    } catch (error) {
      client.release(true);
      throw error;
    }
  }

  private async becomeWriter(client: pg.PoolClient): Promise<void> {
    await this.endFormerSession(client);
    const { rows } = await client.query<{ locked: boolean; pid: number }>('SELECT pg_try_advisory_lock($1, $2) AS locked, pg_backend_pid() AS pid', [...LOCK]);
    if (!rows[0]?.locked) throw new AppError('log-unavailable', ANOTHER_WRITER, { retryable: true });
    this.backendPid = rows[0].pid;
    // An answer means durable, whatever the server's default is. A generic plan, because the planner may otherwise plan every execution anew:
    // it sees the arrays' lengths, and takes one plan to be cheaper than another.
    await client.query(`SET plan_cache_mode = force_generic_plan; SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'`);
  }

  /** After a broken connection the server may not have noticed yet; its session would keep the lock, and may even still commit. */
  private async endFormerSession(client: pg.PoolClient): Promise<void> {
    if (this.backendPid === 0) return;
    await client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND pid <> pg_backend_pid() AND datname = current_database() AND application_name = current_setting($2)', [
      this.backendPid,
      'application_name',
    ]);
  }

  private lookAfter(): void {
    const { client } = this;
    if (client && this.batch && performance.now() - this.sentAtMs > STATEMENT_TIMEOUT_MS) this.lost(client, new Error(`Postgres has not answered for ${STATEMENT_TIMEOUT_MS} ms`));
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Postgres has not answered for ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

interface Job {
  readonly work: (client: pg.ClientBase) => Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  isRunning: boolean;
}

/** A statement is all or nothing, and the bytes are compared: nobody else's records can be taken for ours. */
async function fateOf(client: pg.ClientBase, batch: Batch, table: string): Promise<'written' | 'not-written' | 'unknown'> {
  const streams = await present(client, table, batch.chunks);
  const tables = batch.tables ? await present(client, 'event_log.table_records', [batch.tables[0], batch.tables[1], batch.tables[3]]) : 'all';
  if (streams === 'all' && tables === 'all') return 'written';
  return (streams === 'none' || batch.chunkCount === 0) && (tables === 'none' || !batch.tables) ? 'not-written' : 'unknown';
}

async function present(client: pg.ClientBase, table: string, arrays: readonly [Buffer, Buffer, Buffer]): Promise<'all' | 'none' | 'some'> {
  const { rows } = await client.query<{ found: string; same: string; asked: string }>(
    `SELECT count(r.base) AS found, count(*) FILTER (WHERE r.data = u.d) AS same, count(*) AS asked
      FROM unnest($1::int[], $2::bigint[], $3::bytea[]) u(p, b, d) LEFT JOIN ${table} r ON r.partition = u.p AND r.base = u.b`,
    [...arrays],
  );
  const { found, same, asked } = rows[0] ?? { found: '0', same: '0', asked: '0' };
  if (same === asked) return 'all';
  return found === '0' ? 'none' : 'some';
}

function statementOf(batch: Batch, segment: number): { name: string; text: string; values: (Buffer | string | number)[] } {
  const { only, tables, timestampMs, chunks } = batch;
  if (only) {
    return {
      name: `append-${segment}-one`,
      text: `INSERT INTO event_log.records_${segment} (partition, base, timestamp_ms, data) VALUES ($2, $3, $1, $4)`,
      values: [timestampMs, only.partitionId, only.base, only.data],
    };
  }
  const streams = `INSERT INTO event_log.records_${segment} (partition, base, timestamp_ms, data) SELECT p, b, $1::bigint, d FROM unnest($2::int[], $3::bigint[], $4::bytea[]) u(p, b, d)`;
  if (!tables) return { name: `append-${segment}`, text: streams, values: [timestampMs, ...chunks] };
  return {
    name: `append-${segment}-tables`,
    text: `WITH streams AS (${streams})
      INSERT INTO event_log.table_records (partition, base, timestamp_ms, key, data) SELECT p, b, $1::bigint, k, d FROM unnest($5::int[], $6::bigint[], $7::bytea[], $8::bytea[]) u(p, b, k, d)`,
    values: [timestampMs, ...chunks, ...tables],
  };
}
