import type { Socket } from 'node:net';

/** What happens to the bytes of one direction. */
export interface Manner {
  /** Closed: nothing passes, and nobody is told. */
  readonly open: boolean;
  /** Milliseconds that each byte is on its way. */
  readonly delayMs: number;
  /** Null: as fast as they are taken. */
  readonly bytesPerSecond: number | null;
}

/** What may be on its way at once; beyond it the sender is held back, as a real way would. */
const WINDOW_BYTES = 1024 * 1024;
/** A slow way passes so many pieces a second. */
const PIECES_PER_SECOND = 20;

/** Carries the bytes of one direction of a connection, in order, in the manner of the moment. */
export class FaultFlow {
  private readonly onItsWay: { bytes: Buffer; dueMs: number }[] = [];
  private waitingBytes = 0;
  private freeAtMs = 0;
  private timer: NodeJS.Timeout | undefined;
  private forgotten = false;

  constructor(
    private readonly from: Socket,
    private readonly to: Socket,
    private manner: Manner,
  ) {
    from.on('data', (bytes) => this.take(bytes));
    from.on('end', () => this.pass());
    to.on('drain', () => this.pass());
    from.once('close', () => clearTimeout(this.timer));
    this.change(manner);
  }

  change(manner: Manner): void {
    this.manner = manner;
    if (manner.open) this.from.resume();
    else this.from.pause();
    this.pass();
  }

  /** From now on everything is swallowed, also the news that a side has gone. */
  forget(): void {
    this.forgotten = true;
    this.onItsWay.length = 0;
    this.from.resume();
  }

  private take(bytes: Buffer): void {
    if (this.forgotten) return;
    this.onItsWay.push({ bytes, dueMs: performance.now() + this.manner.delayMs });
    this.waitingBytes += bytes.length;
    if (this.waitingBytes > WINDOW_BYTES) this.from.pause();
    this.pass();
  }

  private pass(): void {
    clearTimeout(this.timer);
    if (!this.manner.open || this.forgotten || this.to.destroyed) return;
    for (let head = this.onItsWay[0]; head !== undefined; head = this.onItsWay[0]) {
      if (this.to.writableNeedDrain) return;
      const waitMs = Math.max(head.dueMs, this.freeAtMs) - performance.now();
      if (waitMs > 0) return void (this.timer = setTimeout(() => this.pass(), waitMs));
      this.to.write(this.pieceOf(head));
    }
    if (this.from.readableEnded && !this.to.writableEnded) this.to.end();
    else if (this.from.isPaused()) this.from.resume();
  }

  private pieceOf(head: { bytes: Buffer }): Buffer {
    const { bytesPerSecond } = this.manner;
    const length = bytesPerSecond === null ? head.bytes.length : Math.min(head.bytes.length, Math.ceil(bytesPerSecond / PIECES_PER_SECOND));
    const piece = head.bytes.subarray(0, length);
    if (bytesPerSecond !== null) this.freeAtMs = performance.now() + (length / bytesPerSecond) * 1000;
    head.bytes = head.bytes.subarray(length);
    if (head.bytes.length === 0) this.onItsWay.shift();
    this.waitingBytes -= length;
    return piece;
  }
}
