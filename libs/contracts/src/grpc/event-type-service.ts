export type {
  CreateEventTypeRequest,
  CreateEventTypeResponse,
  DeleteEventTypeRequest,
  DeleteEventTypeResponse,
  EventType,
  GetEventTypeRequest,
  GetEventTypeResponse,
  ListEventTypesRequest,
  ListEventTypesResponse,
  UpdateEventTypeRequest,
  UpdateEventTypeResponse,
} from '../gen/hooklane/v1/event_type_service.js';
