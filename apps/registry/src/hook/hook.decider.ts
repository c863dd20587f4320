import { AppError } from '@hooklane/kernel';
import type { Aggregate } from '../ports.js';
import { dialectOf, resolvedOptions } from '@hooklane/dialects';
import { choicesText } from './dialect-choices.js';
import { sameJson } from './same-json.js';
import type { CatchUp, HookConfig, HookEvent, HookState, LaneCommandKind, SigningKeyInfo } from './hook-state.js';

export type HookCommand =
  | { readonly kind: 'create'; readonly hook: (HookEvent & { type: 'HookCreated' })['data'] }
  /** `signing` null: the signing keys stay. */
  | { readonly kind: 'configure'; readonly config: HookConfig; readonly secretsChanged: readonly string[]; readonly sealedSecrets: string; readonly signing: readonly SigningKeyInfo[] | null; readonly enabled: boolean | null; readonly atMs: number }
  /** `catchUp` null: what the hook says. */
  | { readonly kind: 'enable'; readonly catchUp: CatchUp | null; readonly atMs: number }
  | { readonly kind: 'disable'; readonly atMs: number }
  | { readonly kind: 'command-lane'; readonly command: LaneCommandKind; readonly commandId: string; readonly deliveryId: string; readonly attempt: number; readonly atMs: number }
  | { readonly kind: 'rotate-secrets'; readonly signing: readonly SigningKeyInfo[]; readonly sealedSecrets: string; readonly atMs: number }
  /** The lane's owner says that the hook has used up its failures. */
  | { readonly kind: 'verdict'; readonly enabledEpoch: number; readonly policyVersion: number; readonly count: number; readonly reason: string; readonly atMs: number }
  | { readonly kind: 'delete'; readonly atMs: number }
  /** The table shows a version that the database does not know: go above it. */
  | { readonly kind: 'raise-version'; readonly by: number; readonly atMs: number };

export const hookAggregate: Aggregate<HookState, HookCommand, HookEvent> = { kind: 'hook', initial, decide, evolve };

function initial(): HookState {
  return absentHook;
}

function decide(command: HookCommand, state: HookState): readonly HookEvent[] {
  switch (command.kind) {
    case 'create':
      if (state.status !== 'absent') throw new AppError('already-exists', 'There is a hook with this id.');
      return [{ type: 'HookCreated', data: command.hook }];
    case 'raise-version':
      return state.status === 'absent' || command.by <= 0 ? [] : [{ type: 'VersionRaised', data: { by: command.by, atMs: command.atMs } }];
    case 'verdict':
      return isCurrent(command, state) ? [answered(command, state)] : [];
    default:
      assertLive(state);
      return decideLive(command, state);
  }
}

function decideLive(command: Exclude<HookCommand, { kind: 'create' | 'raise-version' | 'verdict' }>, state: HookState): readonly HookEvent[] {
  const { atMs } = command;
  switch (command.kind) {
    case 'configure': {
      const configured = configuredBy(command, state);
      if (command.enabled === null || command.enabled === state.enabled) return configured;
      return [...configured, command.enabled ? enabledAt(atMs, command.config.catchUp, state) : disabledAt(atMs)];
    }
    case 'enable':
      return state.enabled ? [] : [enabledAt(atMs, command.catchUp ?? state.config.catchUp, state)];
    case 'disable':
      return state.enabled ? [disabledAt(atMs)] : [];
    case 'command-lane': {
      const { kind: _, ...data } = command;
      assertMakesSense(command.command, state);
      return [{ type: 'LaneCommandGiven', data: { ...data, epoch: command.command === 'release-catch-up' ? state.catchUpEpoch : 0 } }];
    }
    case 'rotate-secrets':
      return [{ type: 'HookSecretsRotated', data: { signing: command.signing, sealedSecrets: command.sealedSecrets, atMs } }];
    case 'delete':
      return [{ type: 'HookDeleted', data: { atMs } }];
    default:
      return command satisfies never;
  }
}

function configuredBy(command: HookCommand & { kind: 'configure' }, state: HookState): readonly HookEvent[] {
  const names = Object.keys(command.config) as (keyof HookConfig)[];
  const changed = names.filter((name) => !sameJson(command.config[name], state.config[name]));
  const rotated: readonly HookEvent[] = command.signing === null ? [] : [{ type: 'HookSecretsRotated', data: { signing: command.signing, sealedSecrets: command.sealedSecrets, atMs: command.atMs } }];
  if (changed.length === 0 && command.secretsChanged.length === 0) return rotated;
  const changes = Object.fromEntries(changed.map((name) => [name, command.config[name]])) as Partial<HookConfig>;
  const sealedSecrets = command.secretsChanged.length > 0 ? command.sealedSecrets : null;
  return [{ type: 'HookConfigured', data: { changes, secretsChanged: command.secretsChanged, sealedSecrets, atMs: command.atMs } }, ...rotated];
}

/** @throws AppError `invalid-state` for what a lane in this state could never do */
function assertMakesSense(command: LaneCommandKind, state: HookState): void {
  switch (command) {
    case 'hold':
    case 'release':
      // Also of a disabled hook: so that it does not begin to send when it is enabled.
      return;
    case 'retry-now':
    case 'skip-head':
      if (!state.enabled) throw new AppError('invalid-state', 'The hook is disabled: nothing waits for an attempt.');
      return;
    case 'release-catch-up':
      if (!state.enabled || state.catchUpEpoch !== state.enabledEpoch) throw new AppError('invalid-state', 'The hook was not enabled with a catch-up: there is none to end.');
      return;
    default:
      command satisfies never;
  }
}

/** A verdict of an older epoch or policy was overtaken: enabling or a new limit began a new count (semantics.md "Verdict"). */
function isCurrent(verdict: HookCommand & { kind: 'verdict' }, state: HookState): boolean {
  return state.status === 'live' && state.enabled && verdict.enabledEpoch === state.enabledEpoch && verdict.policyVersion === state.policyVersion;
}

/** I17, and 410 Gone as the hook takes it: a REST hook is deleted by it. */
function answered({ reason, count, atMs }: HookCommand & { kind: 'verdict' }, { dialect, config }: HookState): HookEvent {
  if (reason === 'gone' && resolvedOptions(dialectOf(dialect), choicesText(config.dialectOptions)).gone === 'delete') return { type: 'HookDeleted', data: { reason, atMs } };
  return { type: 'HookDisabled', data: { reason, failures: count, atMs } };
}

function evolve(state: HookState, event: HookEvent): HookState {
  const at = { updatedAtMs: event.data.atMs };
  switch (event.type) {
    case 'HookCreated': {
      const { atMs, enabled, config, ...hook } = event.data;
      return { ...state, ...hook, ...at, config: { ...LATER_FIELDS, ...config }, status: 'live', enabled, disabledReason: enabled ? '' : 'manual', enabledEpoch: enabled ? 1 : 0, policyVersion: 1, createdAtMs: atMs };
    }
    case 'HookConfigured': {
      const { changes, sealedSecrets } = event.data;
      const policyVersion = state.policyVersion + (changes.disablePolicy ? 1 : 0);
      return { ...state, ...at, config: { ...state.config, ...changes }, sealedSecrets: sealedSecrets ?? state.sealedSecrets, policyVersion };
    }
    case 'HookEnabled':
      return { ...state, ...at, enabled: true, disabledReason: '', enabledEpoch: nextEpoch(state), forgottenEpochs: 0, catchUpEpoch: event.data.catchUpEpoch ?? state.catchUpEpoch };
    case 'HookDisabled':
      return { ...state, ...at, enabled: false, disabledReason: event.data.reason };
    case 'HookSecretsRotated':
      return { ...state, ...at, signing: event.data.signing, sealedSecrets: event.data.sealedSecrets };
    case 'HookDeleted':
      // What it knew goes with it; the history keeps the rest.
      return { ...absentHook, ...at, status: 'deleted', tenantId: state.tenantId, hookId: state.hookId, raisedBy: state.raisedBy, createdAtMs: state.createdAtMs };
    case 'LaneCommandGiven':
      // The version that readers see stays: a command is no change of the hook, and must not make anybody's If-Match fail.
      return { ...state, raisedBy: state.raisedBy - 1 };
    case 'VersionRaised':
      return { ...state, ...at, ...raisedBy(event.data.by, state) };
    default:
      event satisfies never;
      return state;
  }
}

/**
 * At least one version was lost with each epoch and each policy that the database has forgotten: above the lost versions lies above those too.
 * A disabled hook gets its new epoch when it is enabled: a new one now would look like an enabling that wants nothing of what was missed.
 */
function raisedBy(by: number, state: HookState): Partial<HookState> {
  const raised = { raisedBy: state.raisedBy + by };
  if (state.status !== 'live') return raised;
  const epochs = state.enabled ? { enabledEpoch: state.enabledEpoch + by } : { forgottenEpochs: state.forgottenEpochs + by };
  return { ...raised, ...epochs, policyVersion: state.policyVersion + by };
}

/** Enabling always raises it: a failure of one epoch never counts in the next. */
function nextEpoch({ enabledEpoch, forgottenEpochs }: HookState): number {
  return enabledEpoch + forgottenEpochs + 1;
}

function assertLive(state: HookState): void {
  if (state.status !== 'live') throw new AppError('not-found', 'There is no such hook.');
}

const enabledAt = (atMs: number, catchUp: CatchUp, state: HookState): HookEvent => ({ type: 'HookEnabled', data: catchUp === 'missed' ? { atMs, catchUpEpoch: nextEpoch(state) } : { atMs } });
const disabledAt = (atMs: number): HookEvent => ({ type: 'HookDisabled', data: { reason: 'manual', failures: 0, atMs } });

/** Of hooks that were made before there were such fields. */
const LATER_FIELDS: Pick<HookConfig, 'concurrency' | 'rateLimit' | 'catchUp' | 'dialectOptions'> = { concurrency: null, rateLimit: null, catchUp: 'none', dialectOptions: {} };

const absentHook: HookState = {
  status: 'absent',
  raisedBy: 0,
  tenantId: '',
  hookId: '',
  dialect: '',
  origin: '',
  enabled: false,
  disabledReason: '',
  enabledEpoch: 0,
  forgottenEpochs: 0,
  policyVersion: 0,
  catchUpEpoch: 0,
  signing: [],
  sealedSecrets: '',
  createdAtMs: 0,
  updatedAtMs: 0,
  config: {
    name: '',
    displayUrl: '',
    eventTypes: [],
    projects: [],
    filter: '',
    order: 'fifo',
    ...LATER_FIELDS,
    retry: { unavailableDelaysMs: [], unavailableGiveUpMs: 0, rejectedDelaysMs: [], onExhausted: 'skip' },
    timeoutMs: 0,
    envelope: 'none',
    disablePolicy: { limit: 0, count: 'in-a-row' },
    headers: [],
    secretHeaders: [],
    basicAuthUser: null,
    tls: { verify: true, ca: '', clientCertificate: '', hasClientKey: false },
    metadata: {},
  },
};
