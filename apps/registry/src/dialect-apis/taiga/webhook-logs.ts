import { taigaDialect, type SampleContext } from '@hooklane/dialects';
import { isAppError } from '@hooklane/kernel';
import type { Caller, LoggedAttempt, Registry, SentOutcome } from '../../ports.js';
import { loggedAttempt } from '../../delivery-log/logged-attempt.js';
import { logRow } from './log-row.js';
import { jsonAnswer, type TaigaAnswer } from './taiga-answer.js';
import { BLOCKED, forbidden, notFound } from './taiga-failure.js';
import { administratedHooks, findHook, findHookById, isBlocked, LOG_ROWS, mayAdministrate, type TaigaHook } from './taiga-hooks.js';

/** How many hooks' logs are read at once. */
const READS = 8;
const LISTED_WITHIN_MS = 3_000;
const POLL_MS = 100;

/** What a request to a receiver needs. */
export interface RowSending {
  readonly registry: Registry;
  readonly caller: Caller;
  pause(ms: number): Promise<unknown>;
}

interface OwnRow {
  readonly hook: TaigaHook;
  readonly attempt: LoggedAttempt;
}

/**
 * T17: the last ten calls of each webhook that the caller administrates, newest first.
 * @param webhook the number of one of them, as it came; undefined: of all
 * @returns the rows' JSON
 */
export async function listRows(registry: Registry, caller: Caller, webhook: string | undefined): Promise<string[]> {
  const hooks = webhook === undefined ? await administratedHooks(registry, caller) : [await findHook(registry, caller, webhook)].filter((hook) => hook !== null && mayAdministrate(caller, hook));
  const rows: OwnRow[] = [];
  for (let at = 0; at < hooks.length; at += READS) {
    const some = await Promise.all(hooks.slice(at, at + READS).map(async (hook) => (await rowsOf(registry, hook!)).map((attempt) => ({ hook: hook!, attempt }))));
    rows.push(...some.flat());
  }
  rows.sort((a, b) => b.attempt.startedAtMs - a.attempt.startedAtMs || b.attempt.number - a.attempt.number);
  return rows.map(({ hook, attempt }) => logRow(attempt, hook.number));
}

/** T17. @returns the row's JSON @throws AppError `not-found`, `missing-scope` */
export async function readRow(registry: Registry, caller: Caller, number: string): Promise<string> {
  const row = await findRow(registry, caller, number);
  if (!row) throw notFound();
  if (!mayAdministrate(caller, row.hook)) throw forbidden();
  return logRow(row.attempt, row.hook.number);
}

/** Sends what a row shows again, byte for byte, to the webhook's present address, signed with its present key. Who may not is told that there is no such row. */
export async function resendRow({ registry, caller, pause }: RowSending, number: string): Promise<TaigaAnswer> {
  const row = await findRow(registry, caller, number);
  if (!row || !mayAdministrate(caller, row.hook)) throw notFound();
  const { hook, attempt } = row;
  if (isBlocked(hook)) return BLOCKED;
  const sent = await registry.receivers.resend({ tenantId: caller.tenantId, attempt, actor: caller.actor });
  return sentRow({ registry, caller, pause }, hook, sent);
}

/** T16: what the Test button sends, by the caller. Who may not is told that there is no such webhook. @param baseUrl of links in the sample */
export async function testWebhook({ registry, caller, pause }: RowSending, number: string, baseUrl: string): Promise<TaigaAnswer> {
  const hook = await findHook(registry, caller, number);
  if (!hook || !mayAdministrate(caller, hook)) throw notFound();
  if (isBlocked(hook)) return BLOCKED;
  const entry = taigaDialect.catalogue.testEntry!;
  const sample = { type: entry.type, project: hook.projects[0]?.id ?? '', data: Buffer.from(entry.sample(sampleContext(registry, caller, hook, baseUrl))) };
  const sent = await registry.receivers.test({ tenantId: caller.tenantId, hookId: hook.state.hookId, sample, actor: caller.actor });
  return sentRow({ registry, caller, pause }, hook, sent);
}

async function sentRow(sending: RowSending, hook: TaigaHook, sent: SentOutcome): Promise<TaigaAnswer> {
  const attempt = loggedAttempt(sent.outcome, sent.place);
  await untilListed(sending, attempt.number);
  return jsonAnswer(200, logRow(attempt, hook.number));
}

/** The list of rows is behind by up to 2 s; a client that reads it next looks for this one there. Whether it is in it or not, the request was made and has its answer. */
async function untilListed({ registry, caller, pause }: RowSending, number: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < LISTED_WITHIN_MS; waitedMs += POLL_MS) {
    try {
      if (await registry.logs.byNumber({ tenantId: caller.tenantId, number })) return;
    } catch (error) {
      if (isAppError(error) && error.code === 'peer-unavailable') return;
      throw error;
    }
    await pause(POLL_MS);
  }
}

/** A key that speaks for nobody presses the button as itself. */
function sampleContext({ clock }: Pick<Registry, 'clock'>, { user, actor }: Caller, { projects: [project] }: TaigaHook, baseUrl: string): SampleContext {
  const by = user ? { id: user.number, userName: user.userName ?? user.id, fullName: user.name, email: user.email ?? '' } : { id: 0, userName: actor, fullName: actor, email: '' };
  return { atMs: clock.nowMs(), by, project: project ? { id: project.number, key: project.key, name: project.name } : { id: 0, key: '', name: '' }, baseUrl };
}

async function rowsOf({ logs }: Registry, { state: { tenantId, hookId } }: TaigaHook): Promise<readonly LoggedAttempt[]> {
  return logs.ofHook({ tenantId, hookId, limit: LOG_ROWS });
}

/** Only the last ten rows of a hook that is still there exist. */
async function findRow(registry: Registry, { tenantId }: Caller, number: string): Promise<OwnRow | null> {
  if (!/^\d{1,16}$/.test(number) || !Number.isSafeInteger(Number(number))) return null;
  const attempt = await registry.logs.byNumber({ tenantId, number: Number(number) });
  const hook = attempt ? await findHookById(registry, tenantId, attempt.hookId) : null;
  if (!attempt || !hook) return null;
  const isKept = (await rowsOf(registry, hook)).some((kept) => kept.number === attempt.number);
  return isKept ? { hook, attempt } : null;
}
