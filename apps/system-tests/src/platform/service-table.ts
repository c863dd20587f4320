import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from './repository.js';

/** deploy/services.json: the services of the split stack and what each serves. docker-compose.yml and its proxy are checked against it. */
export interface ServiceTable {
  readonly services: readonly { readonly name: string; readonly httpPort: number; readonly grpcPort: number }[];
  /** The first whose method and pattern fit a request's path serves it. */
  readonly routes: readonly { readonly methods: readonly string[]; readonly pattern: string; readonly service: string }[];
  /** The first of whose names the gRPC service's name begins with serves it. */
  readonly grpc: readonly { readonly service: string; readonly names: readonly string[] }[];
}

export function readServiceTable(): ServiceTable {
  return JSON.parse(readFileSync(join(repositoryRoot, 'deploy', 'services.json'), 'utf8')) as ServiceTable;
}

/** The service that serves a gRPC service such as `hooklane.v1.EventService`. */
export function serviceOfGrpc(table: ServiceTable, grpcService: string): string {
  return table.grpc.find(({ names }) => names.some((name) => grpcService.startsWith(name)))?.service ?? 'registry';
}
