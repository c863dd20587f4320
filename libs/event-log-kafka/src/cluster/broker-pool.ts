import { createRequire } from 'node:module';

/** What we know of a broker as kafkajs keeps it: who it thinks it is, and where its connections really go. */
interface KnownBroker {
  nodeId: number | null;
  readonly connectionPool: { readonly host: string; readonly port: number };
}

/** What we know of kafkajs's `BrokerPool`: one for each client that is made of a `Kafka`, exported by none of its public modules. */
interface BrokerPool {
  readonly brokers: Record<string, KnownBroker>;
  readonly metadata: { readonly brokers: readonly { readonly nodeId: number; readonly host: string; readonly port: number }[] } | null;
  refreshMetadata(topics: readonly string[]): Promise<void>;
}

const require = createRequire(import.meta.url);
const { prototype } = require('kafkajs/src/cluster/brokerPool') as { readonly prototype: BrokerPool };
const refresh = prototype.refreshMetadata;

/**
 * kafkajs 2.2.4 mixes brokers up for good when the one it began with is lost while it asks who there is: it chooses another to begin with, and the
 * answer then gives that one the lost one's number. What is sent to the leader of a partition is gathered by that number: a produce request for such a
 * broker is empty, succeeds, and its partitions are never written, however often the metadata is asked for. After every answer each broker is told
 * its number again, and one that stands for another is forgotten and made anew when it is needed.
 */
export function keepBrokersApart(): void {
  prototype.refreshMetadata = async function refreshMetadata(this: BrokerPool, topics: readonly string[]): Promise<void> {
    try {
      await refresh.call(this, topics);
    } finally {
      for (const { nodeId, host, port } of this.metadata?.brokers ?? []) {
        const broker = this.brokers[nodeId];
        if (broker === undefined) continue;
        const { connectionPool } = broker;
        if (connectionPool.host === host && connectionPool.port === port) broker.nodeId = nodeId;
        else delete this.brokers[nodeId];
      }
    }
  };
}
