import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Postmaster } from './postmaster.js';

/** `sun_path` has 104 bytes on macOS and 108 on Linux, with the zero at the end. */
const LONGEST_PATH_BYTES = 103;
const HIGHEST_PORT = 65_535;

/** @returns the cluster's own folder, which only the server's user can enter; empty where Unix sockets are not to be had or the path is too long for one. */
export function socketDirectory(pgData: string): string {
  // A comma separates directories in the server's setting.
  if (process.platform === 'win32' || pgData.includes(',')) return '';
  return Buffer.byteLength(socketIn(pgData, HIGHEST_PORT)) <= LONGEST_PATH_BYTES ? pgData : '';
}

/** @returns `url` by way of the server's Unix socket, or as it is when there is none. The name is that of libpq and node-postgres: a directory as host. */
export function overSocket(url: string, { socketDir, port }: Postmaster): string {
  if (socketDir === '' || !existsSync(socketIn(socketDir, port))) return url;
  return url.replace('@127.0.0.1:', `@${encodeURIComponent(socketDir)}:`);
}

function socketIn(directory: string, port: number): string {
  return join(directory, `.s.PGSQL.${port}`);
}
