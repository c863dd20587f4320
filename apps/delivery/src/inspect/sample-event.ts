import type { HookChanged } from '@hooklane/contracts/topics';
import { dialectOf, sampleContextOf, sampleOfDialect, type SampleAuthor } from '@hooklane/dialects';

/** What a person wishes of a test; what they leave out is the dialect's. */
export interface TestWish {
  readonly type?: string | undefined;
  /** Default: the first of the hook's, so that the project's log has its tests too (B15). */
  readonly project?: string | undefined;
  /** JSON. */
  readonly data?: Buffer | undefined;
  /** Who presses the button (B11). */
  readonly by?: SampleAuthor | undefined;
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

/** @param actor whom the sample calls its author where nobody says */
export function sampleEventOf(hook: Pick<HookChanged, 'dialect' | 'eventTypes' | 'projects'>, { type, project = hook.projects[0] ?? '', data, by }: TestWish, actor: string, nowMs: number): SampleEvent {
  if (type !== undefined && data) return { type, project, data };
  const sample = sampleOfDialect(dialectOf(hook.dialect || 'native').catalogue, { type, eventTypes: hook.eventTypes }, sampleContextOf(actor, project, nowMs, by));
  return { type: type ?? sample?.type ?? NATIVE_TYPE, project, data: data ?? Buffer.from(sample?.data ?? NATIVE_SAMPLE) };
}
