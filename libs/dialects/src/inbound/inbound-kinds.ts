import { standardSecretProblem } from './standard-webhooks-verifier.js';
import { tikiVerifications } from './tiki-handler.js';

/** What of a source depends on its kind. */
export type InboundSetting = 'verification' | 'algorithm' | 'header' | 'query' | 'basicAuthUser' | 'toleranceSeconds' | 'idHeader';

/** What a source of a kind may say, and what it says where it is silent. */
export interface InboundKind {
  readonly name: string;
  /** One address a tenant, whose sources are tried in the order of their creation (K10), instead of an address for each source. */
  readonly shared: boolean;
  /** Which settings there are, with their defaults; '' and 0: none. */
  readonly settings: Readonly<Partial<Record<InboundSetting, string | number>>>;
  /** Of the settings: those that must be something. */
  readonly required: readonly InboundSetting[];
  readonly eventType: string;
  /** Headers that say what the body does not. */
  readonly forwardedHeaders: readonly string[];
  /** Whether the sender signs what tells one call from another; otherwise only `idHeader` can. */
  readonly signs: boolean;
  /** Lower-case names of headers that carry a secret or what was made with one, beside the source's own `header`. */
  readonly secretHeaders: readonly string[];
  /** @returns a sentence, or null where the secret can be used. */
  secretProblem(secret: string): string | null;
}

const TOLERANCE_SECONDS = 300;
const anySecret = (): null => null;
const plain = { shared: false, settings: {}, required: [], forwardedHeaders: [], signs: true, secretHeaders: [], secretProblem: anySecret } as const;

const kinds: readonly InboundKind[] = [
  {
    ...plain,
    name: 'tiki',
    shared: true,
    settings: { verification: tikiVerifications[0], algorithm: 'sha256', header: '' },
    required: ['header'],
    eventType: 'tiki.webhook.received',
    forwardedHeaders: ['X-Origin-Base-URL'],
  },
  {
    ...plain,
    name: 'standard-webhooks',
    settings: { toleranceSeconds: TOLERANCE_SECONDS },
    eventType: 'standard.webhook.received',
    forwardedHeaders: ['webhook-id'],
    secretHeaders: ['webhook-signature'],
    secretProblem: standardSecretProblem,
  },
  { ...plain, name: 'github', eventType: 'github.webhook.received', forwardedHeaders: ['X-GitHub-Event', 'X-GitHub-Delivery'], secretHeaders: ['x-hub-signature', 'x-hub-signature-256'] },
  { ...plain, name: 'stripe', settings: { header: 'Stripe-Signature', toleranceSeconds: TOLERANCE_SECONDS }, required: ['header'], eventType: 'stripe.webhook.received' },
  { ...plain, name: 'taiga', eventType: 'taiga.webhook.received', secretHeaders: ['x-taiga-webhook-signature', 'x-hub-signature'] },
  { ...plain, name: 'icescrum', eventType: 'icescrum.webhook.received', forwardedHeaders: ['x-icescrum-event'], secretHeaders: ['x-icescrum-signature'] },
  { ...plain, name: 'basic', settings: { basicAuthUser: '', idHeader: '' }, required: ['basicAuthUser'], eventType: 'basic.webhook.received', signs: false },
  { ...plain, name: 'token', settings: { header: '', query: '', idHeader: '' }, eventType: 'token.webhook.received', signs: false },
];

const byName: ReadonlyMap<string, InboundKind> = new Map(kinds.map((kind) => [kind.name, kind]));

export const inboundKindNames: readonly string[] = [...byName.keys()];

/** @returns undefined for a name that is no kind, or one of a later version of us. */
export function inboundKindOf(name: string): InboundKind | undefined {
  return byName.get(name);
}
