export type { GetLaneRequest, GetLaneResponse, TestHookRequest, TestHookResponse } from '../gen/hooklane/v1/lane_service.js';
