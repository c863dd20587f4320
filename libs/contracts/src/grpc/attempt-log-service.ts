export type {
  AttemptCount,
  CountLoggedAttemptsRequest,
  CountLoggedAttemptsResponse,
  ListLoggedAttemptsRequest,
  ListLoggedAttemptsResponse,
  StoredAttempt,
} from '../gen/hooklane/v1/attempt_log_service.js';
