import { startEmbeddedPlatform } from './embedded-platform.js';
import type { Platform } from './platform.js';
import { startSplitPlatform } from './split-platform.js';

export interface Mode {
  readonly mode: Platform['mode'];
  start(options?: { readonly env?: Readonly<Record<string, string>> }): Promise<Platform>;
}

/** Both sizes of the product; every system spec runs against each (promise 8). `HOOKLANE_SYSTEM_MODES` narrows them down for the edit loop. */
export const modes: readonly Mode[] = (
  [
    { mode: 'embedded', start: startEmbeddedPlatform },
    { mode: 'distributed', start: startSplitPlatform },
  ] as const
).filter(({ mode }) => (process.env['HOOKLANE_SYSTEM_MODES'] ?? mode).split(',').includes(mode));
