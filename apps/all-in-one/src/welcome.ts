import type { RunningService } from '@hooklane/service-host';

export interface Welcome {
  readonly service: Pick<RunningService, 'httpPort' | 'grpcPort' | 'host'>;
  readonly dataDir: string;
  readonly version: string;
  /** Shown this once; null: there was one already. */
  readonly firstAdminKey: string | null;
  /** Whether the key is the one of HOOKLANE_ADMIN_KEY, which its owner knows. */
  readonly isConfiguredKey: boolean;
  readonly readyAfterMs: number;
}

/** The tenant that the lines to copy use. */
export const DEMO_TENANT = 'demo';

/** What a person sees when everything runs. */
export function welcome({ service, dataDir, version, firstAdminKey, isConfiguredKey, readyAfterMs }: Welcome): string {
  const base = baseUrl(service);
  const lines = [
    '',
    `  Hooklane ${version} is running (one process, embedded Postgres; ready after ${(readyAfterMs / 1000).toFixed(1)} s)`,
    '',
    `    REST       ${base}/v1`,
    ...(service.grpcPort === null ? [] : [`    gRPC       ${service.host}:${service.grpcPort}  (reflection on)`]),
    `    health     ${base}/readyz   metrics  ${base}/metrics`,
    `    inbox      ${base}/inbox/first   (a receiver to try deliveries with)`,
    `    data       ${dataDir}`,
    '',
    '  Hooks may reach this machine (loopback targets are allowed): embedded mode is for trying and for one trusted machine.',
    '',
    ...keyLines(firstAdminKey, isConfiguredKey),
    ...curlLines(base, firstAdminKey !== null && !isConfiguredKey ? firstAdminKey : null),
    '  Ctrl-C stops everything.',
    '',
  ];
  return lines.join('\n');
}

export function baseUrl({ host, httpPort }: Pick<RunningService, 'host' | 'httpPort'>): string {
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${httpPort}`;
}

function keyLines(key: string | null, isConfigured: boolean): string[] {
  if (isConfigured) return ['  Admin key: the one in HOOKLANE_ADMIN_KEY.', ''];
  if (key === null) return ['  Admin key: the one shown at the first start. Lost it?  npm start -- --new-admin-key', ''];
  return ['  Admin key (shown this once; only its hash is stored):', '', `    ${key}`, ''];
}

function curlLines(base: string, key: string | null): string[] {
  const head = `-H "authorization: Bearer ${key ?? '$HOOKLANE_ADMIN_KEY'}"`;
  const json = "-H 'content-type: application/json'";
  const tenant = `${base}/v1/tenants/${DEMO_TENANT}`;
  return [
    '  Try it: create a hook, publish an event, see the attempt.',
    '',
    `    curl ${tenant}/hooks ${head} ${json} -d '{"name":"first","url":"${base}/inbox/first","eventTypes":["*"]}'`,
    `    curl ${tenant}/events ${head} ${json} -d '{"type":"order.created","data":{"id":42}}'`,
    `    curl ${tenant}/attempts ${head}`,
    '',
  ];
}
