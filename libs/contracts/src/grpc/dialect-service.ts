export type { ListDialectEventTypesRequest } from '../gen/hooklane/v1/dialect_service.js';
