import { BlockList, isIP } from 'node:net';
import { AppError } from '@hooklane/kernel';

/**
 * Who calls. A proxy writes the address that it was called from at the end of `X-Forwarded-For`; what stands before that anybody may have made up.
 * So it is read from its end, for as long as the one who wrote it is a proxy of ours.
 * @param trusted addresses and CIDR ranges of our proxies
 * @throws AppError `invalid-configuration` for an entry that is neither
 */
export function remoteAddresses(trusted: readonly string[]): (peer: string, forwardedFor: string | undefined) => string {
  const proxies = new BlockList();
  for (const entry of trusted) add(proxies, entry);
  const isTrusted = (address: string): boolean => isIP(address) !== 0 && proxies.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return (peer, forwardedFor) => {
    let address = plain(peer);
    for (const before of (forwardedFor ?? '').split(',').reverse().map((entry) => plain(entry.trim()))) {
      if (!isTrusted(address) || isIP(before) === 0) break;
      address = before;
    }
    return address;
  };
}

function add(list: BlockList, entry: string): void {
  const [address = '', prefix, ...more] = entry.split('/');
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  const bits = prefix === undefined ? (family === 'ipv6' ? 128 : 32) : Number(prefix);
  if (isIP(address) === 0 || more.length > 0 || !Number.isInteger(bits) || bits < 0 || bits > (family === 'ipv6' ? 128 : 32)) {
    throw new AppError('invalid-configuration', `EVENT_INGEST_TRUSTED_PROXIES: "${entry}" is neither an address nor a CIDR range.`);
  }
  list.addSubnet(address, bits, family);
}

/** IPv4 as Node shows it on a socket for both, `::ffff:10.0.0.1`. */
function plain(address: string): string {
  return address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}
