import { Topics, type HookChanged } from '@hooklane/contracts/topics';
import { toAppError, type Clock } from '@hooklane/kernel';
import { incidentRecord } from '@hooklane/service-host';
import type { Logger } from '@hooklane/telemetry';
import type { FanoutMetrics } from './fanout.metrics.js';
import type { RequestLog } from './ports.js';

export interface UnusableHooksParts {
  readonly log: RequestLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<FanoutMetrics, 'unusableHook'>;
}

/**
 * What is done about a hook whose conditions cannot be prepared. The registry refuses such when they are saved, so this is a version of us that cannot
 * read what another one wrote; the hook gets nothing until it is changed, and that must be seen: an incident of its tenant, and a figure.
 */
export function unusableHooks({ log, clock, logger, metrics }: UnusableHooksParts): (hook: HookChanged, error: unknown) => void {
  return ({ tenantId, hookId, version }, thrown) => {
    const { message } = toAppError(thrown);
    logger.error('a hook matches nothing: its conditions cannot be prepared', { tenant: tenantId, hook: hookId, version, error: message });
    metrics.unusableHook();
    const reason = `The hook ${hookId} matches no event since its version ${version}, because its conditions cannot be prepared: ${message} Change the hook; events that came meanwhile are not sent to it.`;
    const record = incidentRecord(['unusable-hook', hookId, version], { tenantId, kind: 'unusable-hook', service: 'fanout', topic: Topics.hooksChanged, reason, recordKey: hookId }, clock.nowMs());
    // The log waits for as long as it is away; an event is not held up by it.
    log.append([record]).catch((error: unknown) => logger.error('an incident could not be raised', { hook: hookId, error: toAppError(error).message }));
  };
}
