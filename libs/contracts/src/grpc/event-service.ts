export type {
  PublishBatchRequest,
  PublishBatchResponse,
  PublishedEvent,
  PublishProblem,
  PublishRequest,
  PublishResponse,
  PublishResult,
  PublishStreamRequest,
  PublishStreamResponse,
} from '../gen/hooklane/v1/event_service.js';
