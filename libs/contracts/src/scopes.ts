/** What an API key may do; `admin` includes all others. */
export const scopes = ['publish', 'hooks:read', 'hooks:write', 'log:read', 'replay', 'admin'] as const;
export type Scope = (typeof scopes)[number];
