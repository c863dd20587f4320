import type { Database, MigrationSet } from '@hooklane/postgres';

/** Whether a migration of these sets has not been applied; a schema that knows later ones as well (a newer release is being rolled out) is fine. */
export async function isBehind(database: Database, sets: readonly MigrationSet[]): Promise<boolean> {
  const pool = database.pool('process', 1);
  for (const { schema, migrations } of sets) {
    const { rows } = await pool.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [`${schema}.migrations`]);
    if (rows[0]?.there !== true) return migrations.length > 0;
    const applied = new Set((await pool.query<{ name: string }>(`SELECT name FROM "${schema}".migrations`)).rows.map(({ name }) => name));
    if (migrations.some(({ name }) => !applied.has(name))) return true;
  }
  return false;
}
