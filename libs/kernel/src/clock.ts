/** The time, as an argument: nothing that decides reads the system clock itself (style rule 2). */
export interface Clock {
  /** Wall time in milliseconds since 1970-01-01T00:00:00Z. May step in either direction. */
  nowMs(): number;
  /** Milliseconds since an arbitrary moment; never goes backwards, has sub-millisecond digits. */
  monotonicMs(): number;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};
