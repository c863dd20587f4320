/** What a version of a hook says about its enablings. */
export interface EnablingVersion {
  readonly version: number;
  readonly enabledEpoch: number;
  /** Equal to the enabled epoch where that enabling asked for what was missed. */
  readonly catchUpEpoch: number;
}

/**
 * Where a catch-up begins: what was skipped since the last enabling that asked for nothing, or since the last catch-up that was completed.
 * Outcomes carry the hook's version as of their decision, so the border is a version: exact however the clocks of hooks and outcomes differ.
 *
 * A version that compaction has taken may move the border down, never up: rather once too often (and then found delivered) than left out.
 * @param versions of the hook, those that are known, in any order
 * @param completed epochs whose catch-up was completed
 * @param epoch of the catch-up
 * @returns skips decided under a higher version belong to this catch-up; null while the version that asked for it is not known yet
 */
export function catchUpBorder(versions: readonly EnablingVersion[], completed: ReadonlySet<number>, epoch: number): number | null {
  if (!versions.some(({ enabledEpoch }) => enabledEpoch >= epoch)) return null;
  const answered = versions.filter((version) => version.enabledEpoch < epoch && isAnswered(version, completed)).map(({ enabledEpoch }) => enabledEpoch);
  const last = Math.max(-1, ...answered);
  return Math.max(0, ...versions.filter(({ enabledEpoch }) => enabledEpoch < last).map(({ version }) => version));
}

/** Nothing skipped before this enabling is wanted any more. */
function isAnswered({ enabledEpoch, catchUpEpoch }: EnablingVersion, completed: ReadonlySet<number>): boolean {
  return catchUpEpoch < enabledEpoch || completed.has(enabledEpoch);
}
