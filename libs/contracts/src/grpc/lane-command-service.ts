export type { HoldLaneRequest, ReleaseCatchUpRequest, ReleaseLaneRequest, RetryNowRequest, RetryNowResponse, SkipHeadRequest } from '../gen/hooklane/v1/lane_command_service.js';
