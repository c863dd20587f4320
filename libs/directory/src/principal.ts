import type { Scope } from '@hooklane/contracts';

/** Who makes a request, as its API key says. */
export interface Principal {
  readonly keyId: string;
  /** The only tenant it may touch; null: every tenant, and what belongs to the platform. */
  readonly tenantId: string | null;
  readonly scopes: ReadonlySet<Scope>;
  /** What histories call it: `key:<key id>`. */
  readonly actor: string;
}
