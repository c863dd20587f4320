/**
 * Postgres' clock as this process knows it: the moment of the last answer, carried on by our monotonic clock. Due times count from it, so that
 * neither a stepped wall clock nor a change of owner makes a lane early or late.
 */
export class PostgresTime {
  private offsetMs = 0;

  constructor(private readonly monotonicMs: () => number) {}

  /** @param nowMs what Postgres said @param sentAtMs when it was asked, monotonic */
  observe(nowMs: number, sentAtMs: number): void {
    this.offsetMs = nowMs - (sentAtMs + this.monotonicMs()) / 2;
  }

  nowMs(): number {
    return Math.round(this.monotonicMs() + this.offsetMs);
  }
}
