import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { repositoryRoot } from '../src/platform/repository.js';
import { readServiceTable } from '../src/platform/service-table.js';

interface ComposeService {
  readonly image: string;
  readonly command?: readonly string[];
  readonly build?: { readonly args: { readonly APP: string } };
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly restart?: string;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly deploy?: { readonly resources: { readonly limits: { readonly cpus: string; readonly memory: string } } };
  readonly ports?: readonly string[];
}

const text = readFileSync(join(repositoryRoot, 'docker-compose.yml'), 'utf8');
const compose = parse(text, { merge: true }) as { readonly services: Readonly<Record<string, ComposeService>>; readonly volumes: object };
const table = readServiceTable();
const names = table.services.map(({ name }) => name);
const service = (name: string): ComposeService => {
  const found = compose.services[name];
  if (!found) throw new Error(`docker-compose.yml has no ${name}`);
  return found;
};
const secrets = ['POSTGRES_PASSWORD', 'HOOKLANE_MASTER_KEY', 'HOOKLANE_ADMIN_KEY'];

describe('docker-compose.yml', () => {
  it.each(names)('builds %s from the one Dockerfile, watches its readiness and lets only the proxy be reached', (name) => {
    const { build, healthcheck, ports } = service(name);
    expect(build?.args.APP).toBe(name);
    expect(healthcheck?.test.join(' ')).toContain('/readyz');
    expect(ports).toBeUndefined();
    expect(service('proxy').depends_on?.[name]?.condition).toBe('service_healthy');
  });

  it.each(names)('starts %s after the topics and a schema are made', (name) => {
    const jobs = Object.entries(service(name).depends_on ?? {}).filter(([, { condition }]) => condition === 'service_completed_successfully');
    const commands = jobs.map(([job]) => service(job).command?.[0]);
    expect(commands.sort()).toEqual(['migrate', 'topics']);
  });

  it('has no service of ours that the service table does not know, and no job of another image', () => {
    const ours = Object.entries(compose.services).filter(([, { image }]) => image.startsWith('hooklane/'));
    expect(ours.filter(([, { build }]) => build).map(([name]) => name).sort()).toEqual([...names].sort());
    expect(ours.filter(([, { image }]) => !names.some((name) => image.startsWith(`hooklane/${name}:`)))).toEqual([]);
  });

  it.each(Object.keys(compose.services))('limits what %s takes and says what happens when it ends', (name) => {
    const { deploy, restart } = service(name);
    expect(deploy?.resources.limits).toEqual({ cpus: expect.anything(), memory: expect.anything() });
    expect(restart).toMatch(/^(unless-stopped|on-failure)$/);
  });

  it.each(secrets)('has no default for %s, asks for it by name, and its script makes one', (secret) => {
    const uses = text.match(new RegExp(`\\$\\{${secret}[^}]*\\}`, 'g')) ?? [];
    expect(uses.length).toBeGreaterThan(0);
    for (const use of uses) expect(use).toBe(`\${${secret}:?is missing, run deploy/docker/make-env.sh}`);
    expect(readFileSync(join(repositoryRoot, 'deploy/docker/make-env.sh'), 'utf8')).toMatch(new RegExp(`^${secret}=.*\\$\\(openssl rand`, 'm'));
  });
});
