/** Injection token under which the registry's module exports its `AdminKeys`. */
export const ADMIN_KEYS = Symbol('hooklane admin keys');

/** Platform-wide keys with the scope `admin`, made on the machine itself rather than over the API. */
export interface AdminKeys {
  /** Makes the first key if there is no usable platform key yet (the configured one, or a random one). @returns the key as it is sent, or null when there was one already. */
  ensureFirst(): Promise<string | null>;
  /** @param actor what the history says, such as `cli` @returns the new key; it is not stored and cannot be shown again. */
  create(actor: string): Promise<string>;
}
