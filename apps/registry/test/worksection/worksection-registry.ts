import { DeliveryOutcome } from '@hooklane/contracts/topics';
import { boxedSecrets } from '../../src/adapters/secrets.js';
import type { Receivers, SampleEvent, SentOutcome } from '../../src/ports.js';
import { ADMIN_KEY, startRegistry, type RegistryUnderTest } from '../registry-service.js';

interface Probe {
  readonly tenantId: string;
  readonly actor: string;
  readonly sample: SampleEvent;
  readonly url: string;
  /** `user:password`; empty: none. */
  readonly basicAuth: string;
}

/** Stands in for the delivery service: receivers that say OK, or that answer 200 with something else. */
class ReceiversDouble implements Receivers {
  readonly probes: Probe[] = [];
  /** Whose secret box opens what a probe carries; known once it has started. */
  registry: RegistryUnderTest | null = null;
  private saysOk = true;

  answerAll(how: 'ok' | 'broken'): void {
    this.saysOk = how === 'ok';
  }

  test(): Promise<never> {
    return Promise.reject(new Error('Nobody presses the test button here.'));
  }

  resend(): Promise<never> {
    return Promise.reject(new Error('Nobody sends again here.'));
  }

  probe({ tenantId, hook, sample, actor }: Parameters<Receivers['probe']>[0]): Promise<SentOutcome> {
    const { secretBox, random } = this.registry!.context;
    const { url, basicAuthUser, basicAuthPassword } = boxedSecrets(secretBox, random).open(Buffer.from(hook.sealedSecrets).toString('base64'), tenantId, hook.hookId);
    this.probes.push({ tenantId, actor, sample, url, basicAuth: basicAuthUser || basicAuthPassword ? `${basicAuthUser}:${basicAuthPassword}` : '' });
    return Promise.resolve(this.sent(tenantId, hook.hookId));
  }

  private sent(tenantId: string, hookId: string): SentOutcome {
    const sentence = this.saysOk ? '' : 'The receiver answered 200, but its body does not say {"status":"OK"}.';
    const outcome: DeliveryOutcome = {
      ...DeliveryOutcome.decode(new Uint8Array()),
      tenantId, hookId, trigger: 'probe',
      attempt: {
        attemptId: 'att_1', number: 1, startedAtMs: 1, connectUs: 0, firstByteUs: 0, totalUs: 1_000, outcomeClass: this.saysOk ? 'success' : 'rejected', errorCode: this.saysOk ? '' : 'unexpected-answer', errorSentence: sentence, status: 200,
        requestUrl: '', requestHeaders: [], requestBody: Buffer.alloc(0), requestBodyIsEventData: false, responseHeaders: [], responseBody: Buffer.alloc(0), responseBodyCut: false,
      },
    };
    return { outcome, place: { partition: 0, offset: this.probes.length } };
  }
}

export interface WorksectionUnderTest extends RegistryUnderTest {
  readonly receivers: ReceiversDouble;
  /** Of the platform. */
  readonly adminKey: string;
  /** A key of which a sealed copy is kept. */
  createRecoverableKey(tenant: string, ...scopes: string[]): Promise<{ readonly id: string; readonly key: string }>;
  recoverableKey(tenant: string, ...scopes: string[]): Promise<string>;
}

/** The registry with doubles for its receivers. */
export async function startWorksection(environment: Readonly<Record<string, string>> = {}): Promise<WorksectionUnderTest> {
  const receivers = new ReceiversDouble();
  const registry = await startRegistry(environment, { ports: { receivers } });
  receivers.registry = registry;
  const createRecoverableKey: WorksectionUnderTest['createRecoverableKey'] = async (tenant, ...scopes) => {
    const { body } = await registry.call('POST', `/v1/tenants/${tenant}/api-keys`, { body: { name: 'administrative API key', scopes, recoverable: true } });
    return { id: body.id as string, key: body.key as string };
  };
  return { ...registry, receivers, adminKey: ADMIN_KEY, createRecoverableKey, recoverableKey: async (tenant, ...scopes) => (await createRecoverableKey(tenant, ...scopes)).key };
}
