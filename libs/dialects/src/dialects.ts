import { AppError } from '@hooklane/kernel';
import { backlogDialect } from './backlog/backlog-dialect.js';
import type { Dialect } from './dialect.js';
import { icescrumDialect } from './icescrum/icescrum-dialect.js';
import { nativeDialect } from './native/native-dialect.js';
import { taigaDialect } from './taiga/taiga-dialect.js';
import { worksectionDialect } from './worksection/worksection-dialect.js';

const dialects: readonly Dialect[] = [nativeDialect, taigaDialect, backlogDialect, icescrumDialect, worksectionDialect];
const byName: ReadonlyMap<string, Dialect> = new Map(dialects.map((dialect) => [dialect.name, dialect]));

export const dialectNames: readonly string[] = [...byName.keys()];

/** @throws AppError `invalid-hook` for a name that is no dialect. */
export function dialectOf(name: string): Dialect {
  const dialect = byName.get(name);
  if (!dialect) throw new AppError('invalid-hook', `There is no dialect "${name}".`);
  return dialect;
}
