export type {
  ListHistoryRequest,
  ListHistoryResponse,
} from '../gen/hooklane/v1/history_service.js';
