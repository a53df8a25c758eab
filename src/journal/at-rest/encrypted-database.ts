import { createRequire } from 'node:module';
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementResultingChanges } from 'node:sqlite';
import { type DataKey, derivedKey } from './data-key.ts';

/** SQLite with encryption of each page (SQLite3 Multiple Ciphers). Not a literal: only who encrypts installs it. */
const PACKAGE: string = 'better-sqlite3-multiple-ciphers';
/** What was tried: a later one may read another format. */
const VERSION = '13.0.3';
/**
 * AEGIS-256 (draft-irtf-cfrg-aegis-aead): each page has a random nonce of 256 bits and is authenticated. An import costs 15 % more with it, with
 * ChaCha20-Poly1305 65 % (docs/encryption.md). A database that was made so opens in a test, so that another version of the library is not taken blindly.
 */
const CIPHER = "cipher = 'aegis'";
const ALGORITHM = "algorithm = 'aegis-256'";

export const LIBRARY_MISSING = `the library ${PACKAGE} is not installed`;
export const HOW_TO_GET_IT = `npm i ${PACKAGE}@${VERSION}, where Understudy is installed (with -g where that was installed so)`;

/** SQLite's primary result codes, by the names that the library gives: https://sqlite.org/rescode.html */
const CODES: Readonly<Record<string, number>> = {
  SQLITE_ERROR: 1,
  SQLITE_INTERNAL: 2,
  SQLITE_PERM: 3,
  SQLITE_ABORT: 4,
  SQLITE_BUSY: 5,
  SQLITE_LOCKED: 6,
  SQLITE_NOMEM: 7,
  SQLITE_READONLY: 8,
  SQLITE_INTERRUPT: 9,
  SQLITE_IOERR: 10,
  SQLITE_CORRUPT: 11,
  SQLITE_NOTFOUND: 12,
  SQLITE_FULL: 13,
  SQLITE_CANTOPEN: 14,
  SQLITE_PROTOCOL: 15,
  SQLITE_SCHEMA: 17,
  SQLITE_TOOBIG: 18,
  SQLITE_CONSTRAINT: 19,
  SQLITE_MISMATCH: 20,
  SQLITE_MISUSE: 21,
  SQLITE_AUTH: 23,
  SQLITE_RANGE: 25,
  SQLITE_NOTADB: 26,
};

type Parameters = (SQLInputValue | Record<string, SQLInputValue>)[];
type Row = Record<string, SQLOutputValue>;

/** The library's own, as far as they are used (its index.d.ts). */
interface CipherStatement {
  readonly reader: boolean;
  get(...parameters: Parameters): Row | undefined;
  all(...parameters: Parameters): Row[];
  run(...parameters: Parameters): StatementResultingChanges;
  iterate(...parameters: Parameters): IterableIterator<Row>;
}

export interface CipherDatabase {
  readonly open: boolean;
  readonly inTransaction: boolean;
  pragma(source: string): unknown;
  exec(sql: string): unknown;
  prepare(sql: string): CipherStatement;
  unsafeMode(on: boolean): unknown;
  close(): unknown;
}

type Library = new (path: string, options: { readonly?: boolean; timeout: number; fileMustExist?: boolean }) => CipherDatabase;

/** The part of node:sqlite's statement that is used here. */
interface Statement {
  get(...parameters: Parameters): Row | undefined;
  all(...parameters: Parameters): Row[];
  run(...parameters: Parameters): StatementResultingChanges;
  iterate(...parameters: Parameters): IterableIterator<Row>;
}

/** And of its database. */
interface Database {
  readonly isOpen: boolean;
  readonly isTransaction: boolean;
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

/** Whether encrypted databases can be opened here. The error is for people. */
export function libraryProblem(): string | undefined {
  try {
    library();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function library(): Library {
  const require = createRequire(import.meta.url);
  try {
    return require(PACKAGE) as Library;
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND';
    throw new Error(missing ? LIBRARY_MISSING : `the library ${PACKAGE} does not load: ${String(error)}`, { cause: error });
  }
}

/** A connection as the library has them. Without a key the file is as every other SQLite's. */
export function connected(
  path: string,
  dataKey: DataKey | undefined,
  options: { readonly?: boolean; timeout: number; fileMustExist?: boolean },
): CipherDatabase {
  const inner = new (library())(path, options);
  inner.pragma(CIPHER);
  inner.pragma(ALGORITHM);
  if (dataKey) inner.pragma(`key=${keyText(dataKey)}`);
  return inner;
}

/** As SQL has it: raw, so that nothing is derived from it once more. Without one: of a file that is not encrypted. */
export function keyText(dataKey: DataKey | undefined): string {
  return dataKey ? `"x'${derivedKey(dataKey, 'databases').toString('hex')}'"` : "''";
}

/**
 * Opens an encrypted database with the part of node:sqlite's `DatabaseSync` that Understudy uses; its errors have `errcode`, as there. Throws as
 * DatabaseSync does; SQLITE_NOTADB (26): it is encrypted with another key, or not at all.
 */
export function openEncrypted(
  path: string,
  dataKey: DataKey,
  { timeout, readOnly = false }: { timeout: number; readOnly?: boolean },
): DatabaseSync {
  return translated(() => {
    const inner = connected(path, dataKey, { timeout, ...(readOnly && { readonly: true, fileMustExist: true }) });
    try {
      // What is sorted would be written to the disk as it is. The rest: as node:sqlite has it.
      inner.exec('PRAGMA temp_store = MEMORY; PRAGMA recursive_triggers = OFF; PRAGMA cache_size = -2000');
      // As in node:sqlite: one statement may run while another is read from.
      inner.unsafeMode(true);
      inner.prepare('SELECT count(*) FROM sqlite_master').get();
    } catch (error) {
      inner.close();
      throw error;
    }
    // Whoever asks for more of DatabaseSync than this has to add it here; the tests of the store and the record run over it.
    return databaseOver(inner) as unknown as DatabaseSync;
  });
}

function databaseOver(inner: CipherDatabase): Database {
  return {
    get isOpen() {
      return inner.open;
    },
    get isTransaction() {
      return inner.inTransaction;
    },
    exec: (sql) => translated(() => void inner.exec(sql)),
    prepare: (sql) => translated(() => statementOver(inner.prepare(sql), NUMBERED.test(sql))),
    close: () => translated(() => void inner.close()),
  };
}

/** `?1`: the library takes it for a name. */
const NUMBERED = /\?\d/;

/** A statement that gives no rows has no `get` in the library, and one that gives some has no `run`. */
function statementOver(given: CipherStatement, isNumbered: boolean): Statement {
  const inner = isNumbered ? byNumber(given) : given;
  const { reader } = inner;
  return {
    get: (...parameters) => translated(() => (reader ? inner.get(...parameters) : (inner.run(...parameters), undefined))),
    all: (...parameters) => translated(() => (reader ? inner.all(...parameters) : (inner.run(...parameters), []))),
    run: (...parameters) =>
      translated(() => (reader ? (inner.all(...parameters), { changes: 0, lastInsertRowid: 0 }) : inner.run(...parameters))),
    *iterate(...parameters) {
      const rows = translated(() => inner.iterate(...parameters));
      try {
        for (;;) {
          const next = translated(() => rows.next());
          if (next.done) return;
          yield next.value;
        }
      } finally {
        rows.return?.();
      }
    },
  };
}

function byNumber(inner: CipherStatement): CipherStatement {
  const named = (parameters: Parameters): Parameters => [
    Object.fromEntries(parameters.map((value, index) => [String(index + 1), value as SQLInputValue])),
  ];
  return {
    reader: inner.reader,
    get: (...parameters) => inner.get(...named(parameters)),
    all: (...parameters) => inner.all(...named(parameters)),
    run: (...parameters) => inner.run(...named(parameters)),
    iterate: (...parameters) => inner.iterate(...named(parameters)),
  };
}

function translated<Value>(work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string' && !('errcode' in error)) {
      const primary = /^SQLITE_[A-Z]+/.exec(error.code)?.[0] ?? '';
      const errcode = CODES[primary];
      if (errcode !== undefined) Object.assign(error, { errcode });
    }
    throw error;
  }
}
