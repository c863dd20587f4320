/**
 * Hash algorithms of a Tiki handler (K15), by the names that PHP's `hash_hmac_algos()` has for them, and OpenSSL's. Of PHP's list those that are sound in an HMAC:
 * MD5 and older ones, checksums, and what Node cannot compute, are left out.
 */
const OPENSSL_NAMES: ReadonlyMap<string, string> = new Map([
  ['sha1', 'sha1'],
  ['sha224', 'sha224'],
  ['sha256', 'sha256'],
  ['sha384', 'sha384'],
  ['sha512', 'sha512'],
  ['sha512/224', 'sha512-224'],
  ['sha512/256', 'sha512-256'],
  ['sha3-224', 'sha3-224'],
  ['sha3-256', 'sha3-256'],
  ['sha3-384', 'sha3-384'],
  ['sha3-512', 'sha3-512'],
  ['ripemd160', 'ripemd160'],
]);

export const hashAlgorithms: readonly string[] = [...OPENSSL_NAMES.keys()];

/** @returns undefined for one that is not in the list */
export function openSslNameOf(algorithm: string): string | undefined {
  return OPENSSL_NAMES.get(algorithm);
}
