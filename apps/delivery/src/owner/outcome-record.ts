import { limits } from '@hooklane/contracts';
import type { AttemptResult, DeliveryOutcome, Header } from '@hooklane/contracts/topics';
import { maskedHeaders, type Rendered } from '@hooklane/dialects';
import type { Classified, SendResult } from '../attempt/classify.js';
import { maskEchoes, maskEchoesInText } from '../attempt/mask-echoes.js';
import type { Delivery, Lane } from '../lanes/lane.js';
import type { SendTimings } from '../ports.js';
import type { HookProfile } from './hook-profile.js';
import type { OwnedPartition } from './owned-partition.js';

export { encodeOutcome } from './outcome-encoder.js';

const NO_BYTES = Buffer.alloc(0);

export interface AttemptStory {
  readonly attemptId: string;
  readonly number: number;
  readonly startedAtMs: number;
  readonly profile: HookProfile;
  readonly rendered: Rendered | null;
  readonly classified: Classified;
  readonly result: SendResult;
  readonly timings: SendTimings;
}

/** An attempt as the log keeps it: secrets masked, the body left out when it is the event's data as it is. */
export function attemptResultOf(story: AttemptStory): AttemptResult {
  const { classified, rendered, result, timings, profile } = story;
  const sent = rendered?.ok ? rendered : null;
  const answer = result.kind === 'answer' ? result : null;
  const kept = answer ? keptBody(answer.body, classified.outcomeClass === 'success') : NO_BYTES;
  const echoes = profile.target?.echoes ?? [];
  return {
    attemptId: story.attemptId,
    number: story.number,
    startedAtMs: story.startedAtMs,
    connectUs: timings.connectUs,
    firstByteUs: timings.firstByteUs,
    totalUs: timings.totalUs,
    outcomeClass: classified.outcomeClass,
    errorCode: classified.errorCode,
    errorSentence: classified.errorSentence,
    status: answer?.status ?? 0,
    requestUrl: profile.target?.maskedUrl ?? profile.hook.displayUrl,
    requestHeaders: sent && profile.target ? maskedHeaders(sent.headers, profile.target.renderer.secretHeaders) : [],
    requestBody: sent && !sent.bodyIsEventData ? sent.body : NO_BYTES,
    requestBodyIsEventData: sent?.bodyIsEventData ?? false,
    responseHeaders: answer ? pairsOf(answer.headers, echoes) : [],
    responseBody: maskEchoes(kept, echoes),
    responseBodyCut: answer ? answer.bodyCut || kept.length < answer.body.length : false,
  };
}

/** The common part of every outcome of a lane; takes the partition's next number. */
export function outcomeOf(owned: OwnedPartition, lane: Lane, delivery: Delivery, hookVersion: number, atMs: number): DeliveryOutcome {
  const { request } = delivery;
  owned.sequence += 1;
  return {
    tenantId: request.tenantId,
    hookId: lane.hookId,
    eventId: request.eventId,
    deliveryId: `dlv_${owned.partition}_${request.offset}_${lane.hookId}`,
    requestOffset: request.offset,
    ownerEpoch: owned.epoch,
    ownerSequence: owned.sequence,
    enabledEpoch: lane.health.enabledEpoch,
    hookVersion,
    trigger: request.trigger || 'event',
    replayId: request.replayId,
    atMs,
    attempt: undefined,
    fate: 'pending',
    fateReason: '',
    streak: lane.health.streak,
    nextAttemptAtMs: 0,
    verdict: undefined,
    eventType: request.event.type,
    project: request.event.project,
    eventAcceptedAtMs: request.event.acceptedAtMs,
    catchUpOpened: undefined,
  };
}

function keptBody(body: Buffer, isSuccess: boolean): Buffer {
  const limit = isSuccess ? limits.successBodyBytes : limits.failureBodyBytes;
  return body.length > limit ? body.subarray(0, limit) : body;
}

function pairsOf(flat: readonly string[], echoes: readonly string[]): Header[] {
  const pairs: Header[] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) pairs.push({ name: flat[at] as string, value: maskEchoesInText(flat[at + 1] as string, echoes) });
  return pairs;
}
