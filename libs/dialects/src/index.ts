export { activityNumberOf, eventTypeOfActivity } from './backlog/activity-types.js';
export { catalogueEntry, type CatalogueEntry, type EventCatalogue, type SampleContext } from './catalogue.js';
export type {
  Dialect,
  DialectDefaults,
  DialectEvent,
  DialectHeader,
  DialectHook,
  DialectSecrets,
  DialectSigningSecret,
  HookRenderer,
  Rendered,
  RenderInput,
  StoredInput,
  UserSecretRules,
} from './dialect.js';
export { dialectNames, dialectOf } from './dialects.js';
export { icescrumCodes, type IcescrumCodes } from './icescrum/icescrum-codes.js';
export { hookImporters } from './import/importers.js';
export type { ImportedEntry, ImportedHook } from './import/imported-hook.js';
export { headerProblem } from './header-value.js';
export { MASK, maskedHeaders, maskedUrl } from './mask.js';
export { nativeDialect } from './native/native-dialect.js';
export { isSuccess, resolvedOptions, type DialectOptions, type SignatureOptions, type SuccessOptions } from './options.js';
export { sampleContextOf, sampleOfDialect, type SampleAuthor } from './sample-event.js';
export { publicKeyOf } from './native/standard-webhooks.js';
export { gravatarIdOf } from './taiga/samples/taiga-objects.js';
export { taigaDialect } from './taiga/taiga-dialect.js';
export { hashAlgorithms } from './inbound/hash-algorithms.js';
export { inboundKindNames, inboundKindOf, type InboundKind, type InboundSetting } from './inbound/inbound-kinds.js';
export type { InboundRefusal, InboundRequest, InboundSource, InboundVerdict, InboundVerifier } from './inbound/inbound-request.js';
export { inboundVerifier } from './inbound/inbound-verifier.js';
export { tikiVerifications } from './inbound/tiki-handler.js';
