import { systemClock } from '@hooklane/kernel';
import { openDatabase, type DatabaseSettings } from '@hooklane/postgres';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { RecordWriter, WRITER_CONNECTIONS } from '../record-writer.js';
import type { StreamWriterSettings } from '../../writer/stream-writer.js';
import { serveWriter } from './serve-writer.js';

/** What the thread is started with. */
export interface WriterThreadData {
  readonly database: DatabaseSettings;
  readonly settings: StreamWriterSettings;
}

const data = workerData as WriterThreadData;
const database = openDatabase(data.database);
const pool = database.pool('log-query-streams', WRITER_CONNECTIONS);
serveWriter(parentPort as MessagePort, (events) => new RecordWriter(pool, data.settings, systemClock, events, () => database.close()));
