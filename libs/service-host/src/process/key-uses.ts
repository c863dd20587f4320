import { KeyUsed, Topics } from '@hooklane/contracts/topics';
import type { EventLog } from '@hooklane/event-log';
import { toAppError } from '@hooklane/kernel';
import type { Logger } from '@hooklane/telemetry';

/** Writes when a key was last used. Nothing waits for it, and a use that cannot be written now is written with the next one. */
export function keyUses(log: Pick<EventLog, 'append'>, logger: Logger): (keyId: string, atMs: number) => void {
  return (keyId, usedAtMs) => {
    const value = KeyUsed.encode({ keyId, usedAtMs }).finish();
    log.append([{ topic: Topics.keysUsed, partition: 0, key: keyId, value }]).catch((error: unknown) => logger.warn('use of a key not recorded', { keyId, error: toAppError(error).message }));
  };
}
