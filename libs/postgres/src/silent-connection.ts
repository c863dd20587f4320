import type { Socket } from 'node:net';
import type pg from 'pg';

/** What a client tells of itself without being asked; `pg` has types for neither. */
interface ClientParts {
  readonly connection: { readonly stream: Socket };
  /** Null or undefined: none. */
  _getActiveQuery(): object | null | undefined;
}

/**
 * Ends a connection when a statement has been under way for `withinMs` and not a byte has come of it: a router that forgot the connection, or a host without power,
 * tells nobody. Without this the statement waits as long as the kernel does, a quarter of an hour for what was sent and for ever for what was not, and
 * with it everything that waits for its place in the pool. To whoever waits for the answer it is a lost connection: the statement may have been done.
 * The socket's own clock, because a timer for each statement (`query_timeout`) costs more, and leaves the connection in its pool.
 */
export function endWhenSilent(client: pg.ClientBase, withinMs: number): void {
  const parts = client as unknown as ClientParts;
  const { stream } = parts.connection;
  // Not as an argument of `setTimeout`, which would hear of the first silence only.
  stream.setTimeout(withinMs);
  stream.on('timeout', () => {
    if (parts._getActiveQuery()) stream.destroy(new Error(`Connection terminated: Postgres has not answered for ${withinMs} ms`));
  });
}
