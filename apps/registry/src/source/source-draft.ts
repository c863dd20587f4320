import type { SourceCreate, SourcePatch } from '@hooklane/contracts/rest';
import type { InboundKind, InboundSetting } from '@hooklane/dialects';
import type { SourceConfig } from './source.decider.js';

/** A source as its kind begins it. */
export function defaultConfig({ settings, eventType, forwardedHeaders }: InboundKind): SourceConfig {
  const textOf = (setting: InboundSetting): string => String(settings[setting] ?? '');
  return {
    name: '',
    enabled: true,
    user: '',
    verification: textOf('verification'),
    algorithm: textOf('algorithm'),
    header: textOf('header'),
    query: textOf('query'),
    basicAuthUser: textOf('basicAuthUser'),
    toleranceSeconds: Number(settings.toleranceSeconds ?? 0),
    replays: 'accept',
    idHeader: textOf('idHeader'),
    eventType,
    project: '',
    forwardedHeaders: [...forwardedHeaders],
  };
}

/** RFC 7396: what is absent stays, null gives back the default of the kind. */
export function patchedConfig(config: SourceConfig, patch: SourcePatch | SourceCreate, kind: InboundKind): SourceConfig {
  const base = defaultConfig(kind);
  const names = Object.keys(base) as (keyof SourceConfig)[];
  const fields = patch as Partial<Record<keyof SourceConfig, unknown>>;
  return Object.fromEntries(names.map((name) => [name, fields[name] === undefined ? config[name] : (fields[name] ?? base[name])])) as unknown as SourceConfig;
}
