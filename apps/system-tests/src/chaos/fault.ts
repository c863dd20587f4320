import type { Platform } from '../platform/platform.js';

/** What the platform of a chaos spec stands on. */
export type Ground =
  /** One process with its own Postgres. */
  | 'embedded'
  /** One process, its Postgres behind a fault proxy. */
  | 'embedded, Postgres elsewhere'
  /** Five services, three brokers and Postgres, each behind a fault proxy. */
  | 'distributed';

export interface Fault {
  /** Completes "nothing is lost when …"; unique on its ground. */
  readonly name: string;
  readonly grounds: readonly Ground[];
  /** Where it is part of `npm test`; the others run with `HOOKLANE_CHAOS=all`. */
  readonly always: readonly Ground[];
  /**
   * What it is to the owner of lanes: nothing that a receiver could see twice, its death, or a loss of its lease while it lives.
   * Repeats are forgiven only for the last two, and only around the fault.
   */
  readonly owner: 'unharmed' | 'dies' | 'cut-off';
  /** Whether whoever accepts events dies or may lose its claims of their ids. */
  readonly acceptorDies: boolean;
  /** Whether a service must have said no at `/readyz` meanwhile. */
  readonly unready: boolean;
  /** Resolves when the fault is over; that everything works again is awaited by whoever calls. */
  run(platform: Platform): Promise<void>;
}

/** `HOOKLANE_CHAOS`: nothing for those that are always run, `all`, or parts of names, separated by commas. */
export function chosenFaults(faults: readonly Fault[], ground: Ground): readonly Fault[] {
  const wanted = (process.env['HOOKLANE_CHAOS'] ?? '').split(',').filter((part) => part !== '');
  const here = faults.filter(({ grounds }) => grounds.includes(ground));
  if (wanted.length === 0) return here.filter(({ always }) => always.includes(ground));
  return wanted.includes('all') ? here : here.filter(({ name }) => wanted.some((part) => name.includes(part)));
}
