import { nativeDialect, type CatalogueEntry, type Dialect } from '@hooklane/dialects';

const entry = (type: string, aliases: string[] = []): CatalogueEntry => ({ type, aliases, title: type, group: 'order', sample: () => '{}' });

/** A product's dialect that no product has: every rule that a dialect can have is switched on. */
export const shopDialect: Dialect = {
  ...nativeDialect,
  name: 'shop',
  options: { ...nativeDialect.options, signature: { algorithm: 'sha1', encoding: 'hex', headers: [{ name: 'X-Shop', prefix: '' }] }, success: { status: '200', body: { field: 'status', equals: 'OK', strictCase: false } }, gone: 'delete' },
  settableOptions: ['signature', 'success', 'gone'],
  userSecretRules: { allowed: true, required: true, minBytes: 1, maxBytes: 10, prefixes: [] },
  catalogue: {
    entries: [entry('order.paid', ['1']), entry('order.lost', ['2'])],
    presets: { 'all-orders': ['order.paid', 'order.lost'] },
    unknownTypes: 'drop',
    testEntry: entry('ping'),
    matched: (types) => types,
  },
};
