import type { DataSource } from 'typeorm';
import { checkedSchema } from './event-tables.js';

/** The right to be the active relay, and how far it got: one row, times by Postgres' clock. */
export class RelayLease {
  private readonly table: string;
  private heldUntilMs = 0;
  private position = 0;

  constructor(
    private readonly source: DataSource,
    schema: string,
    private readonly name: string,
    private readonly holder: string,
    private readonly leaseMs: number,
  ) {
    this.table = `${checkedSchema(schema)}.relays`;
  }

  /** Takes or keeps the lease. @returns the position to go on from, or null while another process holds it. */
  async hold(): Promise<number | null> {
    // Renewing at a third of the lease leaves two more tries before it ends.
    if (performance.now() < this.heldUntilMs - (this.leaseMs * 2) / 3) return this.position;
    const askedAtMs = performance.now();
    const rows: { position: string }[] = await this.source.query(
      `INSERT INTO ${this.table} AS r (name, holder, lease_until) VALUES ($1, $2, now() + $3 * interval '1 ms')
       ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, lease_until = excluded.lease_until WHERE r.holder = $2 OR r.lease_until < now()
       RETURNING position`,
      [this.name, this.holder, this.leaseMs],
    );
    const row = rows[0];
    this.heldUntilMs = row ? askedAtMs + this.leaseMs : 0;
    if (!row) return null;
    this.position = Number(row.position);
    return this.position;
  }

  /** Keeps the lease while `work` goes on, however long the log is away. */
  async whileHeld<Result>(work: () => Promise<Result>): Promise<Result> {
    const timer = setInterval(() => void this.hold().catch(() => undefined), this.leaseMs / 3);
    try {
      return await work();
    } finally {
      clearInterval(timer);
    }
  }

  async moveTo(position: number): Promise<void> {
    await this.source.query(`UPDATE ${this.table} SET position = $3 WHERE name = $1 AND holder = $2 AND position < $3`, [this.name, this.holder, position]);
    this.position = Math.max(this.position, position);
  }

  async readPosition(): Promise<number> {
    const rows: { position: string }[] = await this.source.query(`SELECT position FROM ${this.table} WHERE name = $1`, [this.name]);
    return Number(rows[0]?.position ?? 0);
  }

  async release(): Promise<void> {
    this.heldUntilMs = 0;
    await this.source.query(`UPDATE ${this.table} SET lease_until = 'epoch' WHERE name = $1 AND holder = $2`, [this.name, this.holder]);
  }
}
