import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { repositoryRoot } from './repository.js';

const STOP_TIMEOUT_MS = 30_000;
const POLL_MS = 50;
const LINES_SHOWN = 10;

export interface Child {
  readonly pid: number;
  readonly process: ChildProcess;
  /** SIGTERM, and SIGKILL when it has not ended in 30 s. */
  stop(): Promise<void>;
  kill(): Promise<void>;
}

export interface ChildOptions {
  readonly entry: string;
  readonly args?: readonly string[];
  /** Node's own, such as `--cpu-prof`: many of them are not allowed in NODE_OPTIONS. */
  readonly nodeArgs?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Gets both outputs. */
  readonly logFile: string;
}

/** Starts a Node process of ours. Its environment is ours plus `env`; it is never killed by name, only by the id we got, and it ends with us at the latest. */
export function startChild({ entry, args = [], nodeArgs = [], env, logFile }: ChildOptions): Child {
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, [...optionsOfImage(), ...nodeArgs, entry, ...args], { env: { ...process.env, ...env }, stdio: ['ignore', log, log] });
  closeSync(log);
  if (child.pid === undefined) throw new Error(`${entry} could not be started`);
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  const gone = once(child, 'exit').then(() => process.removeListener('exit', killAtExit));
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await gone;
    clearTimeout(timer);
  };
  return { pid: child.pid, process: child, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

/** What the image starts node with. */
function optionsOfImage(): string[] {
  const options = /exec node (\S.*?) apps\//.exec(readFileSync(join(repositoryRoot, 'deploy/docker/Dockerfile'), 'utf8'))?.[1];
  if (options === undefined) throw new Error('the ENTRYPOINT of deploy/docker/Dockerfile starts no node with options');
  return options.split(' ');
}

/** Waits until `url` answers 200 to these headers. Rejects with the last answer when `child` ends or the time is up. */
export async function untilReady(url: string, child: Child, logFile: string, headers: Readonly<Record<string, string>> = {}, timeoutMs = 100_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  let last = 'no answer yet';
  while (Date.now() < end) {
    const { exitCode, signalCode } = child.process;
    if (exitCode !== null || signalCode !== null) throw new Error(`the process ended with ${exitCode ?? signalCode} before it was ready; ${logFile} ends:\n${endOf(logFile)}`);
    try {
      const response = await fetch(url, { headers, signal: AbortSignal.timeout(2_000) });
      last = `${response.status} ${await response.text()}`;
      if (response.status === 200) return;
    } catch (error) {
      last = String(error);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`${url} was not ready after ${timeoutMs} ms: ${last}; ${logFile} ends:\n${endOf(logFile)}`);
}

/** The directory is gone when somebody reads of the failure. */
function endOf(logFile: string): string {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LINES_SHOWN).join('\n');
}
