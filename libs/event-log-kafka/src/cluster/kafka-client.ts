import { Kafka, logLevel, type LogEntry, type SASLOptions } from 'kafkajs';
import type { KafkaConnectionSettings, KafkaLogEntry } from '../settings.js';
import { keepBrokersApart } from './broker-pool.js';
import { brokerSocket } from './broker-socket.js';
import { checkOnlyWhatWaits, timeOutWhatIsUnderWay } from './request-queue.js';

checkOnlyWhatWaits();
timeOutWhatIsUnderWay();
keepBrokersApart();

/** Retries of one request inside kafkajs; everything that must not give up has a loop of ours around it. */
const RETRY = { retries: 3, initialRetryTime: 100, maxRetryTime: 1000, multiplier: 2, factor: 0.2 };

/**
 * A kafkajs client. One for each use: kafkajs keeps the committed offsets of a group in the client, and two members of
 * a group in one client would overwrite each other's.
 */
export function kafkaClient(settings: KafkaConnectionSettings): Kafka {
  const { brokers, clientId, sasl, tls, onLog } = settings;
  return new Kafka({
    brokers: [...brokers],
    clientId,
    // kafkajs allows 1 s by default, which a broker under load misses.
    connectionTimeout: 10_000,
    requestTimeout: 10_000,
    retry: RETRY,
    socketFactory: brokerSocket,
    logLevel: logLevel.INFO,
    logCreator: () => (entry) => onLog?.(translate(entry)),
    ...(sasl === undefined ? {} : { sasl: sasl as SASLOptions }),
    ...(tls === undefined ? {} : { ssl: { ca: tls.ca, cert: tls.certificate, key: tls.key, rejectUnauthorized: tls.rejectUnauthorized ?? true } }),
  });
}

const LEVELS = { [logLevel.ERROR]: 'error', [logLevel.WARN]: 'warn', [logLevel.INFO]: 'debug', [logLevel.DEBUG]: 'debug', [logLevel.NOTHING]: 'debug' } as const;

/** What kafkajs calls INFO is every pause and join; and an error it retries, such as a rebalance, is no error of ours. */
function translate({ level, namespace, log }: LogEntry): KafkaLogEntry {
  const { message, timestamp: _timestamp, logger: _logger, stack: _stack, ...fields } = log;
  const retried = fields['retryCount'] !== undefined || REBALANCING.test(message) || REBALANCING.test(String(fields['error'] ?? ''));
  const shown = LEVELS[level];
  return { level: shown === 'error' && retried ? 'warn' : shown, message, fields: { namespace, ...fields } };
}

const REBALANCING = /rebalanc|coordinator is (not aware|loading|not available)|not the correct coordinator/i;
