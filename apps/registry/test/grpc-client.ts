import type { ServiceError } from '@grpc/grpc-js';
import { grpcService } from '@hooklane/service-host/testing';

export interface GrpcAnswer {
  /** google.rpc.Code; 0: OK. */
  readonly code: number;
  /** Reason of the ErrorInfo; empty for OK. */
  readonly reason: string;
  // Specs look into messages freely.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly message: any;
}

export interface GrpcClient {
  call(service: string, method: string, request: object, key: string): Promise<GrpcAnswer>;
}

export function grpcClient(port: number): GrpcClient {
  return {
    async call(service, method, request, key) {
      const { error, answer } = await grpcService(port, service, false).call(method.charAt(0).toLowerCase() + method.slice(1), request, key);
      return error ? { code: error.code, reason: reasonOf(error), message: null } : { code: 0, reason: '', message: answer };
    },
  };
}

/** google.rpc.Status travels as bytes; the reason is a short ASCII text in it. */
function reasonOf(error: ServiceError): string {
  const details = error.metadata.get('grpc-status-details-bin')[0];
  const text = Buffer.isBuffer(details) ? details.toString('latin1') : '';
  return /ErrorInfo[^a-z]*([a-z][a-z-]+)/.exec(text)?.[1] ?? '';
}
