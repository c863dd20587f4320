import { connect } from 'node:net';

/** What a broker says of its cluster. */
export interface KafkaMetadata {
  /** Of the brokers that live, as this one knows. */
  readonly nodeIds: readonly number[];
  /** By topic and partition. */
  readonly topics: ReadonlyMap<string, readonly KafkaPartition[]>;
}

export interface KafkaPartition {
  /** Node id; -1 while there is none. */
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly inSync: readonly number[];
}

const TIMEOUT_MS = 1000;
/** size, api key 3, version 1, correlation id 1, null client id; then the number of topics */
const REQUEST = '0000000e' + '0003' + '0001' + '00000001' + 'ffff';

/** Asks the broker at `port` (Metadata, version 1). @returns null when it does not answer within a second */
export function askMetadata(port: number, topics: 'all' | 'none'): Promise<KafkaMetadata | null> {
  return new Promise((done) => {
    const socket = connect({ host: '127.0.0.1', port });
    let answer = Buffer.alloc(0);
    const finish = (metadata: KafkaMetadata | null): void => {
      socket.destroy();
      done(metadata);
    };
    socket.setTimeout(TIMEOUT_MS, () => finish(null));
    socket.once('error', () => finish(null));
    socket.once('close', () => done(null));
    socket.once('connect', () => socket.write(Buffer.from(REQUEST + (topics === 'all' ? 'ffffffff' : '00000000'), 'hex')));
    socket.on('data', (bytes: Buffer) => {
      answer = Buffer.concat([answer, bytes]);
      if (answer.length >= 4 && answer.length >= 4 + answer.readInt32BE(0)) finish(readMetadata(answer));
    });
  });
}

function readMetadata(answer: Buffer): KafkaMetadata {
  // Behind the size and the correlation id.
  let at = 8;
  const int32 = (): number => answer.readInt32BE((at += 4) - 4);
  const int16 = (): number => answer.readInt16BE((at += 2) - 2);
  const text = (): string => {
    const length = Math.max(0, int16());
    return answer.toString('utf8', at, (at += length));
  };
  const list = <Item>(item: () => Item): Item[] => Array.from({ length: Math.max(0, int32()) }, item);
  const nodeIds = list(() => {
    const nodeId = int32();
    text();
    int32();
    text();
    return nodeId;
  });
  int32();
  const topics = list(() => {
    int16();
    const name = text();
    at += 1;
    const partitions: KafkaPartition[] = [];
    list(() => {
      int16();
      const index = int32();
      partitions[index] = { leader: int32(), replicas: list(int32), inSync: list(int32) };
    });
    return [name, partitions] as const;
  });
  return { nodeIds, topics: new Map(topics) };
}
