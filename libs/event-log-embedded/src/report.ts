/** Where the log tells what happens to it: like a logger, without being one. */
export type Report = (level: 'info' | 'warn' | 'error', message: string, fields?: Readonly<Record<string, unknown>>) => void;
