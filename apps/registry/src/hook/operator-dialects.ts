import { dialectOf, type Dialect } from '@hooklane/dialects';

/**
 * The dialects, with what the operator set in place of their own defaults: the failures in a row until a hook is disabled (I17: "the limit can be changed in the server administration").
 * @param failureLimits by dialect; 0: never
 */
export function operatorDialects(failureLimits: Readonly<Record<string, number>>): (name: string) => Dialect {
  return (name) => {
    const dialect = dialectOf(name);
    const limit = failureLimits[name];
    if (limit === undefined) return dialect;
    return { ...dialect, defaults: { ...dialect.defaults, disablePolicy: { ...dialect.defaults.disablePolicy, limit } } };
  };
}
