import type Database from 'better-sqlite3';

const kept = new WeakMap<Database.Database, Map<string, Database.Statement>>();

/**
 * A statement that is asked for with every label, prepared once for its connection: preparing one takes longer than
 * running it. It is shared: it is run to its end (`get`, `all`, `run`, no `iterate`), and whether it plucks goes with
 * its words.
 */
export function prepared<Params extends unknown[] | object = unknown[], Row = unknown>(
  db: Database.Database,
  sql: string,
): Database.Statement<Params extends unknown[] ? Params : [Params], Row> {
  const statements = kept.get(db) ?? new Map<string, Database.Statement>();
  kept.set(db, statements);
  const statement = statements.get(sql) ?? db.prepare(sql);
  statements.set(sql, statement);
  return statement as unknown as Database.Statement<Params extends unknown[] ? Params : [Params], Row>;
}
