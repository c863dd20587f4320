import { lookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isAddressDenied, isHostAllowed, literalAddressOf, type TargetPolicy } from '@hooklane/routing';

/** The target guard denies the address; its message is fit for people and names no address of ours but the receiver's own. */
class TargetBlockedError extends Error {
  readonly code = 'HOOKLANE_TARGET_BLOCKED';
}

/** @throws TargetBlockedError when the host is spelt as an address (`http://10.0.0.1`, `http://[::1]`, `localhost`) that is denied: no lookup is ever asked for those. */
export function assertLiteralAllowed(hostname: string, policy: TargetPolicy): void {
  if (isHostAllowed(hostname, policy)) return;
  const address = literalAddressOf(hostname);
  if (address !== null && isAddressDenied(address, policy)) throw new TargetBlockedError(`The target guard does not allow the address ${address}.`);
}

/**
 * A `lookup` for sockets that checks every answer of the DNS. What it returns is what is dialled, so a name that changes its address between check and connect
 * (DNS rebinding) gains nothing.
 */
export function guardedLookup(policy: TargetPolicy): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, '', 0);
      const addresses = isHostAllowed(hostname, policy) ? found : found.filter(({ address }) => !isAddressDenied(address, policy));
      if (addresses.length === 0) return callback(new TargetBlockedError(`The target guard does not allow the address of ${hostname}.`), '', 0);
      if (options.all) return (callback as unknown as (error: null, all: LookupAddress[]) => void)(null, addresses);
      const [first] = addresses as [LookupAddress];
      return callback(null, first.address, first.family);
    });
  };
}
