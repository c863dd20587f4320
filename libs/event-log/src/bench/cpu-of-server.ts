import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;
// Of /proc/<pid>/stat, counted from behind the command's name.
const [PARENT, USER, SYSTEM] = [1, 11, 12] as const;

/** CPU seconds that a process and its children have used so far, those that have ended left out. Linux only: elsewhere, and for no process, 0. */
export function cpuSecondsOf(pid: number | null): number {
  if (process.platform !== 'linux' || pid === null) return 0;
  const ticks = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map((entry) => ({ entry: Number(entry), fields: statOf(entry) }))
    .filter(({ entry, fields }) => entry === pid || Number(fields[PARENT]) === pid)
    .reduce((sum, { fields }) => sum + Number(fields[USER]) + Number(fields[SYSTEM]), 0);
  return ticks / TICKS_PER_SECOND;
}

/** The process that started `pid`; null where that cannot be told. */
export function parentOf(pid: number): number | null {
  return process.platform === 'linux' ? Number(statOf(String(pid))[PARENT] ?? 0) || null : null;
}

function statOf(pid: string): readonly string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    // It has just ended.
    return [];
  }
}
