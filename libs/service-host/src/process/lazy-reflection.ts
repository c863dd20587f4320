import type { Server, ServiceDefinition, UntypedHandleCall, UntypedServiceImplementation } from '@grpc/grpc-js';
import type { PackageDefinition } from '@grpc/proto-loader';
import { createRequire } from 'node:module';

const METHOD = 'ServerReflectionInfo';
const VERSIONS = ['v1', 'v1alpha'];

interface Reflection {
  readonly method: ServiceDefinition[string];
  readonly handle: UntypedHandleCall;
}

/** gRPC server reflection of the services in `definition`. Its index is made when somebody first asks for it: at the start it would take a tenth of the time, and most never ask. */
export function addReflection(server: Server, definition: PackageDefinition): void {
  let made: ReadonlyMap<string, Reflection> | null = null;
  const at = (path: string): Reflection => {
    made ??= reflectionsOf(definition);
    return made.get(path) ?? missing(path);
  };
  for (const version of VERSIONS) {
    const path = `/grpc.reflection.${version}.ServerReflection/${METHOD}`;
    const method: ServiceDefinition[string] = {
      path,
      requestStream: true,
      responseStream: true,
      requestSerialize: (message: unknown) => at(path).method.requestSerialize(message),
      requestDeserialize: (bytes) => at(path).method.requestDeserialize(bytes) as unknown,
      responseSerialize: (message: unknown) => at(path).method.responseSerialize(message),
      responseDeserialize: (bytes) => at(path).method.responseDeserialize(bytes) as unknown,
    };
    server.addService({ [METHOD]: method }, { [METHOD]: ((call: never) => (at(path).handle as (call: never) => void)(call)) as UntypedHandleCall });
  }
}

function reflectionsOf(definition: PackageDefinition): ReadonlyMap<string, Reflection> {
  const { ReflectionService } = createRequire(import.meta.url)('@grpc/reflection') as typeof import('@grpc/reflection');
  const found = new Map<string, Reflection>();
  const collector = {
    addService(service: ServiceDefinition, implementation: UntypedServiceImplementation) {
      const method = service[METHOD] ?? missing(METHOD);
      found.set(method.path, { method, handle: implementation[METHOD] ?? missing(METHOD) });
    },
  };
  new ReflectionService(definition).addToServer(collector as Server);
  return found;
}

function missing(what: string): never {
  throw new Error(`@grpc/reflection has no ${what}`);
}
