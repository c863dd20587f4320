import type { FaultProxy } from '@hooklane/testkit';

/** The same Postgres, by the address of the proxy. */
export function throughProxy(databaseUrl: string, proxy: FaultProxy): string {
  const url = new URL(databaseUrl);
  url.port = String(proxy.port);
  return url.href;
}
