import { eventually, type Receiver } from '@hooklane/testkit';
import { must } from './client.js';
import { ledgerOf, type Ledger } from './ledger.js';
import type { Platform } from './platform.js';

const WITHIN_MS = 90_000;

/** Hooks that all get what a `NumberedPublisher` of their type publishes, spread over the partitions by their ids. */
export interface NumberedHooks {
  readonly paths: readonly string[];
  /** Resolves when so many more have arrived at each of them. */
  goOn(more: number): Promise<void>;
  /** Resolves when each of them has all of these, rejects with what is missing when nothing arrives any more. */
  untilAllArrived(acked: readonly number[]): Promise<void>;
  ledger(path: string, acked: readonly number[]): Ledger;
}

export async function makeNumberedHooks(platform: Platform, receiver: Receiver, tenant: string, type: string, count: number): Promise<NumberedHooks> {
  const paths = Array.from({ length: count }, (_, n) => `/${type}/${n}`);
  for (const path of paths) await must(platform, 'POST', `/v1/tenants/${tenant}/hooks`, { name: path, url: receiver.url(path), eventTypes: [type] });
  const arrived = (): number => Math.min(...paths.map((path) => receiver.to(path).length));
  const arrivals = (): number => paths.reduce((sum, path) => sum + receiver.to(path).length, 0);
  const ledger = (path: string, acked: readonly number[]): Ledger => ledgerOf(receiver.to(path), acked);
  const missing = (acked: readonly number[]): string[] => paths.flatMap((path) => ledger(path, acked).lost.map((n) => `${path} ${n}`));
  return {
    paths,
    ledger,
    async goOn(more) {
      const before = arrived();
      await eventually(() => arrived() >= before + more, `${more} more arrivals at each hook`, WITHIN_MS);
    },
    async untilAllArrived(acked) {
      // As long as something still arrives nothing is lost: how long a queue takes is a matter of the machine.
      for (let before = -1; before !== arrivals(); ) {
        before = arrivals();
        await eventually(() => missing(acked).length === 0 || arrivals() > before, 'another arrival', WITHIN_MS).catch(() => undefined);
      }
      const lost = missing(acked);
      if (lost.length > 0) throw new Error(`${lost.length} have not arrived, such as ${lost.slice(0, 5).join(', ')}`);
    },
  };
}
