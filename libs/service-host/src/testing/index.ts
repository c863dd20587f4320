export type { Answered, CallOptions } from './api.js';
export type { Catalog } from './catalog.js';
export { catalogOf } from './catalog.js';
export type { GrpcAnswered, GrpcService } from './grpc-service.js';
export { grpcService, keyMetadata } from './grpc-service.js';
export type { ServiceUnderTest } from './test-service.js';
export { startUnderTest } from './test-service.js';
