export type Environment = Readonly<Record<string, string | undefined>>;

/** The one place that takes it from the process; everything else is given it. */
export const processEnvironment: Environment = process.env;
