export type {
  CancelReplayRequest,
  CreateReplayRequest,
  GetReplayRequest,
  ListReplaysRequest,
  PauseReplayRequest,
  PreviewReplayRequest,
  Replay,
  ReplaySelection,
  ResumeReplayRequest,
} from '../gen/hooklane/v1/replay_service.js';
