/** Injection token of the `Registry`: what the controllers hand to the use cases. */
export const REGISTRY = Symbol('hooklane registry');

/** Injection token of the `pg` pool for the consumers' hot statements. */
export const REGISTRY_POOL = Symbol('hooklane registry pool');
