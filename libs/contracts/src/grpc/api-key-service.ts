export type {
  ApiKey,
  CreateApiKeyRequest,
  CreateApiKeyResponse,
  GetApiKeyRequest,
  GetApiKeyResponse,
  ListApiKeysRequest,
  ListApiKeysResponse,
  RevokeApiKeyRequest,
  RevokeApiKeyResponse,
} from '../gen/hooklane/v1/api_key_service.js';
