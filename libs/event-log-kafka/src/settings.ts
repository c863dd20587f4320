import type { AppendRecord } from '@hooklane/event-log';
import type { Clock } from '@hooklane/kernel';

/** How to reach the brokers. */
export interface KafkaConnectionSettings {
  /** `host:port`, at least one; the others are found through it. */
  readonly brokers: readonly string[];
  /** Names this process in the brokers' logs and quotas. */
  readonly clientId: string;
  readonly sasl?: { readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; readonly username: string; readonly password: string };
  /** Without it connections are not encrypted. PEM texts; an empty object trusts the system's authorities. */
  readonly tls?: { readonly ca?: string; readonly certificate?: string; readonly key?: string; readonly rejectUnauthorized?: boolean };
  /** Everything kafkajs and this adapter have to say. Never holds a password. */
  readonly onLog?: (entry: KafkaLogEntry) => void;
}

export interface KafkaLogEntry {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A topic by the name the platform knows it under, without the prefix. */
export interface KafkaTopic {
  readonly name: string;
  /** A table is compacted and has one partition. */
  readonly shape: 'table' | 'stream';
  /** Streams only, in milliseconds. */
  readonly retentionMs: number | null;
}

export interface KafkaLogSettings extends KafkaConnectionSettings {
  /** In front of every topic and group name, such as `staging.`; may be empty. */
  readonly topicPrefix: string;
  /** All topics that will be used. Opening waits until they exist and checks their partitions. */
  readonly topics: readonly KafkaTopic[];
  /** A member that is silent for this long has lost its partitions. Default 30,000 ms. */
  readonly sessionTimeoutMs?: number;
  /** How often a member shows that it lives, and so how soon it hears of a rebalance. Default 1,000 ms. */
  readonly heartbeatIntervalMs?: number;
  /** What a subscription holds that its handlers have not taken yet, over all its partitions. Default 32 MiB. */
  readonly bufferedBytes?: number;
  /** Records that the broker will never take, such as one above its size limit. Their append was rejected as well. */
  readonly onRejected?: (rejected: RejectedAppend) => void;
  /** What opening waits for, a sentence each time it is tried in vain. */
  readonly onWaiting?: (reason: string) => void;
  /** Gives up opening. */
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

export interface RejectedAppend {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly AppendRecord[];
  /** The broker's error, such as MESSAGE_TOO_LARGE. */
  readonly reason: string;
}
