import { Worker } from 'node:worker_threads';
import type { StreamWriterEvents } from '../../writer/stream-writer.js';
import { ThreadedWriter } from './threaded-writer.js';
import type { WriterThreadData } from './writer-thread.js';

/**
 * Of the thread's heap. Most of what it makes lives until its flush: room for more only holds it where the processor's caches do not reach
 * (192 MiB, which the process has, costs 25 µs a delivery more).
 */
const YOUNG_GENERATION_MIB = 24;

/** Starts the thread. What ends it before its time ends the process: what it had read is read again by the next one. */
export function openWriterThread(data: WriterThreadData, events: StreamWriterEvents): ThreadedWriter {
  const worker = new Worker(new URL('./writer-thread.js', import.meta.url), { workerData: data, name: 'log-query writer', resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB } });
  let isWanted = true;
  const writer = new ThreadedWriter(worker, events, () => {
    isWanted = false;
    return worker.terminate();
  });
  worker.on('error', (error) => {
    writer.gone(error);
    throw error;
  });
  worker.on('exit', (code) => {
    if (!isWanted) return;
    const error = new Error(`the writer's thread ended by itself with ${code}`);
    writer.gone(error);
    throw error;
  });
  return writer;
}
