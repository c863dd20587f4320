import type { HookChanged } from '@hooklane/contracts/topics';
import { dialectOf, sampleContextOf, sampleOfDialect } from '@hooklane/dialects';

/** What a person wishes of a test; what they leave out is the dialect's. */
export interface TestWish {
  readonly type?: string | undefined;
  readonly project?: string | undefined;
  /** JSON. */
  readonly data?: Buffer | undefined;
}

/** An event that is made up. */
export interface SampleEvent {
  readonly type: string;
  /** Empty: none. */
  readonly project: string;
  readonly data: Buffer;
}

const NATIVE_TYPE = 'hooklane.test';
const NATIVE_SAMPLE = '{"test":true,"message":"This is a test from Hooklane."}';

/** @param actor whom the sample calls its author */
export function sampleEventOf(hook: Pick<HookChanged, 'dialect' | 'eventTypes'>, { type, project = '', data }: TestWish, actor: string, nowMs: number): SampleEvent {
  if (type !== undefined && data) return { type, project, data };
  const sample = sampleOfDialect(dialectOf(hook.dialect || 'native').catalogue, { type, eventTypes: hook.eventTypes }, sampleContextOf(actor, project, nowMs));
  return { type: type ?? sample?.type ?? NATIVE_TYPE, project, data: data ?? Buffer.from(sample?.data ?? NATIVE_SAMPLE) };
}
