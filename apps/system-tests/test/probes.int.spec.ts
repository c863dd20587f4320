import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '@hooklane/testkit';
import { repositoryRoot } from '../src/platform/repository.js';
import { startReverseProxy } from '../src/platform/reverse-proxy.js';
import { readServiceTable } from '../src/platform/service-table.js';

const table = readServiceTable();
const names = table.services.map(({ name }) => name);

describe('the proxy of the split stack', () => {
  const servers = new Map<string, Server>();
  let proxy: Awaited<ReturnType<typeof startReverseProxy>>;
  let url: string;

  beforeAll(async () => {
    for (const name of names) {
      const server = createServer((request, response) => response.writeHead(name === 'fanout' ? 503 : 200).end(`${name} ${request.url}`));
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      servers.set(name, server);
    }
    const port = await freePort();
    proxy = await startReverseProxy(table, port, (name) => (servers.get(name)?.address() as AddressInfo).port);
    url = `http://127.0.0.1:${port}`;
  });

  afterAll(async () => {
    await proxy.close();
    for (const server of servers.values()) await new Promise((done) => server.close(done));
  });

  it.each(names.flatMap((name) => [`healthz/${name}`, `readyz/${name}`]))('has %s for that service alone', async (path) => {
    const [probe, name] = path.split('/') as [string, string];
    const response = await fetch(`${url}/${path}`);
    expect([response.status, await response.text()]).toEqual([name === 'fanout' ? 503 : 200, `${name} /${probe}`]);
  });

  it('has the same paths in docker', () => {
    const conf = readFileSync(join(repositoryRoot, 'deploy', 'docker', 'nginx.conf'), 'utf8');
    const pattern = /location ~ "(\^\/\(\?<probe>.*)" \{/.exec(conf)?.[1];
    for (const name of names) expect(`/readyz/${name}`).toMatch(new RegExp(pattern ?? 'missing'));
    expect('/readyz/other').not.toMatch(new RegExp(pattern ?? ''));
  });
});
