interface Waiting {
  readonly tenantId: string;
  readonly events: number;
}

/** Requests that wait, a line for each tenant; the tenants take turns, so that one that publishes batches does not keep the others waiting. */
export class WaitingLine<W extends Waiting> {
  /** In all lines together. */
  events = 0;
  /** In the order of their turns: the first one is next. */
  private readonly byTenant = new Map<string, W[]>();

  add(waiter: W): void {
    this.events += waiter.events;
    const line = this.byTenant.get(waiter.tenantId);
    if (line) line.push(waiter);
    else this.byTenant.set(waiter.tenantId, [waiter]);
  }

  has(tenantId: string): boolean {
    return this.byTenant.has(tenantId);
  }

  take(): W | undefined {
    const [next] = this.byTenant;
    if (!next) return undefined;
    const [tenantId, line] = next;
    this.byTenant.delete(tenantId);
    const waiter = this.shift(line);
    if (line.length > 0) this.byTenant.set(tenantId, line);
    return waiter;
  }

  /** Takes from the front of every line while `isOver` says so. */
  takeWhile(isOver: (waiter: W) => boolean): W[] {
    const taken: W[] = [];
    for (const [tenantId, line] of this.byTenant) {
      while (line[0] && isOver(line[0])) taken.push(this.shift(line));
      if (line.length === 0) this.byTenant.delete(tenantId);
    }
    return taken;
  }

  private shift(line: W[]): W {
    const waiter = line.shift() as W;
    this.events -= waiter.events;
    return waiter;
  }
}
