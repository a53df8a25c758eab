import { closeSync, constants, copyFileSync, fstatSync, openSync, readSync, statSync, writeSync } from 'node:fs';

/** A file that is being added to. Its handle is the operating system's. */
export interface Adding {
  handle: number;
  write(bytes: Uint8Array): void;
  close(): void;
}

/** A file that is open to be read, as it was when it was opened or later. */
export interface Reading {
  /** Bytes of what was put in. */
  size(): number;
  /** Bytes read; 0 at the end. */
  read(into: Buffer, position: number): number;
  close(): void;
}

/** How the files of an archive (originals, copies of transcripts) lie on disk: as they are, or encrypted. Functions throw what node:fs throws. */
export interface KeptFiles {
  /** What the file of an original is called, by its SHA-256. */
  originalName(sha256: string): string;
  /** Makes a file, or makes it anew. */
  create(path: string): Adding;
  /** Opens one to add to its end; makes it if it isn't there. */
  addTo(path: string): Adding;
  open(path: string): Reading;
  /** Bytes of what was put in. */
  size(path: string): number;
  /** Puts what is in it somewhere else, as it came. `exclusive`: nothing may be there. */
  copyOut(from: string, to: string, exclusive?: boolean): void;
}

const PIECE = 1024 * 1024;

export const plainFiles: KeptFiles = {
  originalName: (sha256) => sha256,
  create: (path) => adding(openSync(path, 'w', 0o600)),
  addTo: (path) => adding(openSync(path, 'a', 0o600)),
  open(path) {
    const file = openSync(path, 'r');
    return {
      size: () => fstatSync(file).size,
      read: (into, position) => readSync(file, into, 0, into.length, position),
      close: () => closeSync(file),
    };
  },
  size: (path) => statSync(path).size,
  copyOut: (from, to, exclusive = false) => copyFileSync(from, to, exclusive ? constants.COPYFILE_EXCL : 0),
};

function adding(handle: number): Adding {
  return {
    handle,
    write(bytes) {
      for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at);
    },
    close: () => closeSync(handle),
  };
}

/** A file's bytes from an offset on. A piece is good until the next one is asked for. */
export function* piecesOf(files: KeptFiles, path: string, from = 0): Generator<Buffer> {
  const file = files.open(path);
  try {
    const piece = Buffer.allocUnsafe(PIECE);
    for (let at = from; ;) {
      const read = file.read(piece, at);
      if (read === 0) return;
      at += read;
      yield piece.subarray(0, read);
    }
  } finally {
    file.close();
  }
}

export function wholeFile(files: KeptFiles, path: string): Buffer {
  const pieces: Buffer[] = [];
  for (const piece of piecesOf(files, path)) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}
