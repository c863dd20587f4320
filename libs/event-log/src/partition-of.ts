const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * The partition of a key: FNV-1a (32 bit) over its UTF-8 bytes, folded to 31 bits, modulo the count.
 * It names a place in stored data, so it can never change. Partitions are always given explicitly, to Kafka too: the rule is ours, not a client's default.
 */
export function partitionOf(key: string, partitions: number): number {
  let hash = FNV_OFFSET;
  for (const byte of Buffer.from(key, 'utf8')) hash = Math.imul(hash ^ byte, FNV_PRIME);
  // The low bits of FNV-1a mix poorly for keys that differ at the end only; fold the high half in.
  return (((hash >>> 15) ^ hash) & 0x7fffffff) % partitions;
}
