import type { TestReceiverResponse } from '@hooklane/contracts/grpc';
import { DeliveryOutcome, HookChanged } from '@hooklane/contracts/topics';
import type { Peers } from '@hooklane/service-host';
import { AppError } from '@hooklane/kernel';
import type { Receivers, SentOutcome } from '../ports.js';

/** A receiver may take as long as its hook gives it, a minute at most; then the outcome must reach the log. */
const TIMEOUT_MS = 65_000;

type Call = { readonly tenantId: string; readonly actor: string };

/** Requests to receivers past the lanes, made by the delivery service. */
export class PeerReceivers implements Receivers {
  constructor(private readonly peers: Peers) {}

  test({ hookId, sample, ...call }: Parameters<Receivers['test']>[0]): Promise<SentOutcome> {
    return this.ask(call, 'TestReceiver', { hook: hookId, sample });
  }

  probe({ hook, sample, ...call }: Parameters<Receivers['probe']>[0]): Promise<SentOutcome> {
    return this.ask(call, 'ProbeReceiver', { hook: HookChanged.encode(hook).finish(), sample });
  }

  resend({ attempt, ...call }: Parameters<Receivers['resend']>[0]): Promise<SentOutcome> {
    const { hookId: hook, eventId, eventType, project, requestHeaders: headers, requestBody: body } = attempt;
    return this.ask(call, 'ResendAttempt', { hook, eventId, eventType, project, headers, body });
  }

  private async ask({ tenantId, actor }: Call, method: string, request: object): Promise<SentOutcome> {
    const { sent } = await this.peers.call<TestReceiverResponse>({ peer: 'delivery', service: 'ReceiverService', method, request, for: { tenantId, actor }, timeoutMs: TIMEOUT_MS });
    if (!sent) throw new AppError('internal', `${method} answered without an outcome.`);
    return { outcome: DeliveryOutcome.decode(sent.outcome), place: { partition: sent.partition, offset: sent.offset } };
  }
}
