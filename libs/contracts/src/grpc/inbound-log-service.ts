export type {
  GetInboundCallRequest,
  GetInboundCallResponse,
  ListInboundCallsRequest,
} from '../gen/hooklane/v1/inbound_log_service.js';
