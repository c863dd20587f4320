import type { DialectEventTypes, DialectList, DialectView } from '@hooklane/contracts/rest';
import { dialectNames, dialectOf, sampleContextOf, type Dialect } from '@hooklane/dialects';
import { AppError, type Clock } from '@hooklane/kernel';
import type { Answer, Registry } from '../ports.js';

/** With the defaults that new hooks get here. */
export function listDialects({ dialectOf }: Pick<Registry, 'dialectOf'>): Answer<DialectList> {
  return { status: 200, version: null, body: { items: dialectNames.map((name) => dialectView(dialectOf(name))) } };
}

/** @param actor whom the samples call their author. @throws AppError `not-found` */
export function listDialectEventTypes({ clock }: { readonly clock: Pick<Clock, 'nowMs'> }, name: string, actor: string): Answer<DialectEventTypes> {
  if (!dialectNames.includes(name)) throw new AppError('not-found', `There is no dialect "${name}".`);
  const { entries, presets, testEntry } = dialectOf(name).catalogue;
  const context = sampleContextOf(actor, '', clock.nowMs());
  const items = entries.map((entry) => ({ type: entry.type, aliases: [...entry.aliases], title: entry.title, group: entry.group, sample: entry.sample(context) }));
  return { status: 200, version: null, body: { items, presets: Object.entries(presets).map(([preset, types]) => ({ name: preset, eventTypes: [...types] })), testType: testEntry?.type ?? null } };
}

function dialectView({ name, options, settableOptions, userSecretRules, defaults, catalogue, probes, enabledByDefault }: Dialect): DialectView {
  const { allowed, required, minBytes, maxBytes } = userSecretRules;
  const { timeoutMs, order, retry, disablePolicy } = defaults;
  return {
    name,
    options: { ...options },
    settableOptions: [...settableOptions],
    secret: { allowed, required, minBytes, maxBytes },
    defaults: { timeoutMs, order, retry: { ...retry, unavailableDelaysMs: [...retry.unavailableDelaysMs], rejectedDelaysMs: [...retry.rejectedDelaysMs] }, disablePolicy: { ...disablePolicy } },
    enabledByDefault: { console: enabledByDefault('console'), api: enabledByDefault('api') },
    unknownEventTypes: catalogue.unknownTypes,
    probes,
  };
}
