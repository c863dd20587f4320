export type { ImportHooksRequest } from '../gen/hooklane/v1/import_service.js';
