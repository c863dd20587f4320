export type { GetLaneRequest, GetLaneResponse, ResendDeliveryRequest, ResendDeliveryResponse, TestAuthor, TestHookRequest, TestHookResponse } from '../gen/hooklane/v1/lane_service.js';
