export type {
  CreateSourceRequest,
  DeleteSourceRequest,
  GetSourceRequest,
  ListSourcesRequest,
  SourceFields,
  UpdateSourceRequest,
} from '../gen/hooklane/v1/source_service.js';
