import ipaddr, { type IPv4, type IPv6 } from 'ipaddr.js';

/** What the target guard lets through besides the public internet: made once per (operator, tenant) and kept. */
export interface TargetPolicy {
  readonly allowLoopback: boolean;
  readonly ranges: readonly (readonly [IPv4 | IPv6, number])[];
  /** Lower case; `*.` in front stands for one or more labels. */
  readonly hosts: readonly string[];
}

const AZURE_WIRE_SERVER = ipaddr.IPv4.parse('168.63.129.16');
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');
const IPV4_COMPATIBLE = ipaddr.IPv6.parseCIDR('::/96');
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/**
 * @param settings the operator's part
 * @param tenantAllowed the tenant's part: CIDR ranges, addresses and host names
 * @throws RangeError naming the entry that is neither (see `allowedTargetProblem`)
 */
export function targetPolicyOf(
  settings: { readonly allowLoopback: boolean; readonly allowedTargets: readonly string[] },
  tenantAllowed: readonly string[] = [],
): TargetPolicy {
  const ranges: (readonly [IPv4 | IPv6, number])[] = [];
  const hosts: string[] = [];
  for (const entry of [...settings.allowedTargets, ...tenantAllowed]) {
    const range = rangeOf(entry);
    if (range) ranges.push(range);
    else if (isHostPattern(entry)) hosts.push(entry.toLowerCase());
    else throw new RangeError(`"${entry}" is neither a CIDR range, an address nor a host name.`);
  }
  return { allowLoopback: settings.allowLoopback, ranges, hosts };
}

/** @returns a sentence that says what is wrong with one entry of `allowedTargets`, or null. */
export function allowedTargetProblem(entry: string): string | null {
  return rangeOf(entry) || isHostPattern(entry) ? null : `"${entry}" is neither a CIDR range, an address nor a host name.`;
}

/** Whether nothing may be sent to `address` (text of an IPv4 or IPv6 address, without brackets). What is not an address is denied. */
export function isAddressDenied(address: string, policy: TargetPolicy): boolean {
  return addressDenial(address, policy) !== null;
}

/** @returns the kind of address that is denied (`loopback`, `private`, `linkLocal`, `metadata`, …), or null when it may be reached. */
export function addressDenial(address: string, policy: TargetPolicy): string | null {
  if (!ipaddr.isValid(address)) return 'not an address';
  const parsed = ipaddr.parse(address);
  const embedded = parsed instanceof ipaddr.IPv6 ? embeddedIPv4(parsed) : null;
  if (isWithin(parsed, policy.ranges) || (embedded && isWithin(embedded, policy.ranges))) return null;
  const kind = embedded ? kindOf(embedded) : kindOf(parsed);
  return kind === null || (kind === 'loopback' && policy.allowLoopback) ? null : kind;
}

/** Whether the operator or the tenant allows the name itself, whatever address it has. */
export function isHostAllowed(host: string, policy: TargetPolicy): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  return policy.hosts.some((pattern) => (pattern.startsWith('*.') ? name.length > pattern.length - 1 && name.endsWith(pattern.slice(1)) : name === pattern));
}

/** The address a URL's host spells out (`URL.hostname`: already normalised, IPv6 in brackets), or null for a name. `localhost` counts as 127.0.0.1. */
export function literalAddressOf(hostname: string): string | null {
  const host = hostname.toLowerCase().replace(/\.$/, '');
  if (host === 'localhost' || host.endsWith('.localhost')) return '127.0.0.1';
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  return ipaddr.IPv4.isValidFourPartDecimal(bare) || ipaddr.IPv6.isValid(bare) ? bare : null;
}

function kindOf(address: IPv4 | IPv6): string | null {
  if (address instanceof ipaddr.IPv4) {
    if (address.match(AZURE_WIRE_SERVER, 32)) return 'metadata';
    const range = address.range();
    return range === 'unicast' ? null : range;
  }
  const range = (address as IPv6).range();
  if (range !== 'unicast') return range;
  return (address as IPv6).match(GLOBAL_UNICAST) ? null : 'reserved';
}

/** The IPv4 address that an IPv6 address carries: v4-mapped, v4-compatible, NAT64 (RFC 6052) and 6to4 (RFC 3056). The loopback `::1` and `::` carry none. */
function embeddedIPv4(address: IPv6): IPv4 | null {
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  const bytes = address.toByteArray();
  if (address.range() === '6to4') return new ipaddr.IPv4(bytes.slice(2, 6));
  const range = address.range();
  const compatible = address.match(IPV4_COMPATIBLE) && range !== 'loopback' && range !== 'unspecified';
  return compatible || address.match(NAT64) ? new ipaddr.IPv4(bytes.slice(12)) : null;
}

function isWithin(address: IPv4 | IPv6, ranges: TargetPolicy['ranges']): boolean {
  return ranges.some(([network, bits]) => network.kind() === address.kind() && (address as IPv4).match(network as IPv4, bits));
}

function rangeOf(entry: string): readonly [IPv4 | IPv6, number] | null {
  if (ipaddr.isValidCIDR(entry)) return ipaddr.parseCIDR(entry);
  const isAddress = ipaddr.IPv4.isValidFourPartDecimal(entry) || ipaddr.IPv6.isValid(entry);
  return isAddress ? [ipaddr.parse(entry), ipaddr.parse(entry).kind() === 'ipv4' ? 32 : 128] : null;
}

const LABEL = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
const HOST_PATTERN = new RegExp(`^(?:\\*\\.)?${LABEL}(?:\\.${LABEL})*$`, 'i');

/** All-digit names are mistyped addresses. */
function isHostPattern(entry: string): boolean {
  return entry.length <= 253 && HOST_PATTERN.test(entry) && !/^[0-9.]+$/.test(entry);
}
