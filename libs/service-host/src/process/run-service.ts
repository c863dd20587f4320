import { AppError, toAppError } from '@hooklane/kernel';
import { openLogger } from '@hooklane/telemetry';
import { writeSync } from 'node:fs';
import { processEnvironment } from './environment.config.js';
import type { ServiceJob } from '../service-module.js';
import type { CommandContext } from './bindings.js';
import { processConfig, readConfig } from './process-config.js';
import { startService, type RunningService, type ServiceOptions } from './start-service.js';

/** Written to directly: what a pipe still buffers is lost with the process. */
const STDERR = 2;
/** sysexits.h: wrong configuration, and everything else that kept the service from starting. */
const EXIT_CONFIGURATION = 78;
const EXIT_FAILED = 1;

/**
 * What a `main.ts` calls: starts the services and makes them follow the process: SIGTERM and SIGINT stop them in order, a second signal at once.
 * What keeps them from starting is one sentence on stderr and an exit code.
 * @param started called when everything is open; ready may come later
 */
export async function runService(options: ServiceOptions, started: (service: RunningService) => void | Promise<void> = () => undefined): Promise<void> {
  const stopping = new AbortController();
  let service: RunningService | null = null;
  let exitCode = 0;
  let told = false;
  const stop = async (reason: string): Promise<void> => {
    stopping.abort(new Error(reason));
    if (service === null) return;
    await service.stop(reason);
    process.exit(exitCode);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (told) {
      writeSync(STDERR, `${signal} a second time: ended at once, without an orderly stop. What was under way is taken up at the next start.\n`);
      process.exit(signal === 'SIGINT' ? 130 : 143);
    }
    told = true;
    void stop(signal);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  try {
    if (await runCommand(options, stopping.signal)) process.exit(0);
    service = await startService(options, stopping.signal, (error) => {
      process.stderr.write(`${error.message}\n`);
      exitCode = EXIT_FAILED;
      void stop(error.message);
    });
    // The signal may have come while the last part was being opened.
    if (stopping.signal.aborted) return await stop('stopped while starting');
    await started(service);
  } catch (error) {
    if (stopping.signal.aborted) process.exit(exitCode);
    const failure = toAppError(error);
    process.stderr.write(`${await sentenceOf(failure, options)}\n`);
    process.exit(failure.code === 'invalid-configuration' ? EXIT_CONFIGURATION : EXIT_FAILED);
  }
}

/** `main.js <command>`: one of the bindings' jobs, or of the services' own, instead of the services. @returns whether there was one */
async function runCommand({ name, bindings, modules, environment = processEnvironment, logger }: ServiceOptions, stopping: AbortSignal): Promise<boolean> {
  const [command, ...args] = process.argv.slice(2);
  if (command === undefined || bindings.commands === undefined) return false;
  const jobs: Readonly<Record<string, ServiceJob>> = Object.assign({}, ...modules.map((module) => module.jobs ?? {}));
  const job = jobs[command];
  const run = bindings.commands[command] ?? (job && ((context: CommandContext) => bindings.runJob?.(context, job)));
  if (!run) throw new AppError('invalid-configuration', `"${command}" is not a command; there are ${[...Object.keys(bindings.commands), ...Object.keys(jobs)].join(', ')}`);
  const { HOOKLANE_LOG_LEVEL } = readConfig(processConfig.pick({ HOOKLANE_LOG_LEVEL: true }), environment);
  const migrations = modules.flatMap((module) => (module.migrations ? [module.migrations] : []));
  await run({ args, environment, migrations, logger: logger ?? openLogger(HOOKLANE_LOG_LEVEL, { process: `${name} ${command}` }), stopping });
  return true;
}

async function sentenceOf(failure: { code: string; message: string; cause?: unknown; stack?: string }, options: ServiceOptions): Promise<string> {
  const { code, port, path } = (failure.cause ?? {}) as { code?: string; port?: number; path?: string };
  if (code === 'EADDRINUSE' && port !== undefined) return portSentence(port);
  if (code === 'EACCES' && port !== undefined) return `Port ${port} may not be used by this user: choose another with HOOKLANE_PORT.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `The interface in HOOKLANE_HOST is not one of this machine (${code}).`;
  if (code === 'ENOSPC') return `The disk is full: ${path ?? 'a file'} could not be written.`;
  if (/No address added out of total|EADDRINUSE/.test(failure.message)) return `Port ${/:(\d+)\b/.exec(failure.message)?.[1] ?? 'of HOOKLANE_GRPC_PORT'} is in use by another program: stop that, or choose another with HOOKLANE_GRPC_PORT.`;
  if (failure.code === 'invalid-configuration') return `The configuration of ${options.name} is wrong: ${failure.message}`;
  // What we did not foresee comes with where it happened.
  return failure.code === 'internal' ? (failure.stack ?? failure.message) : failure.message;
}

const ASK_TIMEOUT_MS = 500;

/** Whoever starts Hooklane a second time should hear that it is Hooklane that has the port. */
async function portSentence(port: number): Promise<string> {
  // A timer that keeps the process: to whom hangs up at once fetch connects again, and AbortSignal.timeout alone would let the process end without a word.
  const asking = new AbortController();
  const timer = setTimeout(() => asking.abort(), ASK_TIMEOUT_MS);
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/version`, { signal: asking.signal });
    const { name, instance } = (await answer.json()) as { name?: string; instance?: string };
    if (name && instance) return `Hooklane (${name}) is already running on port ${port}: stop that one, or choose another port with HOOKLANE_PORT.`;
  } catch {
    // Somebody else's, then.
  } finally {
    clearTimeout(timer);
  }
  return `Port ${port} is in use by another program: stop that, or choose another with HOOKLANE_PORT.`;
}
