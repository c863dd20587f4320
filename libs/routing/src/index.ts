export type { FoldableHook, FoldableRequest, SourceMark } from './request-fold.js';
export { RequestFold } from './request-fold.js';
export type { HookMatcher, MatchableEvent, MatchCondition, MatchResult } from './matcher.js';
