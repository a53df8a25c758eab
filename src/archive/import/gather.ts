import { createReadStream, lstatSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import type { Dirent } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import type { Skipped } from '../conversation.ts';
import type { KeptFiles } from '../store/kept-files.ts';
import type { Limits } from './limits.ts';
import { Unreadable } from './reader.ts';
import type { SourceFile } from './reader.ts';
import { headText } from './utf8.ts';
import { openZip, startsLikeZip } from './zip.ts';
import type { OpenZip } from './zip-member.ts';

/** All that was given, opened as far as one can look without reading. */
export interface Gathered {
  files: SourceFile[];
  /** What could not be opened, or is left alone. */
  troubles: Trouble[];
  /** Closes zips and takes away what was unpacked for the time being. */
  close(): void;
}

export interface Trouble extends Skipped {
  type: 'unreadable' | 'skipped';
  /** The file on disk, where it is about one that could be opened. */
  container?: string;
}

/** Bytes of a file that readers recognise it by, and more of it for one that nobody recognises at first. */
export const HEAD = 8 * 1024;
/** Bytes read at a time from a disk. */
const CHUNK = 256 * 1024;
/** Files that are zips by their build, and no containers: documents. */
const DOCUMENT = /\.(docx|xlsx|pptx|odt|ods|odp|epub|jar|apk|xpi|vsix|whl)$/i;
/** Files of the system, of no one's interest. */
const CLUTTER = /(^|\/)(\.DS_Store|Thumbs\.db|desktop\.ini|__MACOSX\/.*|\._[^/]*)$/;

/** `temporary`: a folder for what has to be unpacked; `kept`: how files lie there. */
export async function gather(
  paths: readonly string[],
  { limits, temporary, kept }: { limits: Limits; temporary: string; kept: KeptFiles },
): Promise<Gathered> {
  const gathered: Gathered = { files: [], troubles: [], close };
  const zips: OpenZip[] = [];
  const seen = new Set<string>();
  let scratch: string | undefined;

  function close(): void {
    for (const zip of zips) zip.close();
    if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true });
  }

  function complain(type: Trouble['type'], where: string, reason: string, container?: string): void {
    gathered.troubles.push({ type, where, reason, ...(container !== undefined && { container }) });
  }

  async function addZip(path: string, where: string, container: string, level: number): Promise<void> {
    const zip = await openZip(level > 0 ? () => kept.open(path) : path, limits);
    zips.push(zip);
    if (zip.salvaged) {
      const { reason, lost } = zip.salvaged;
      complain(
        'unreadable',
        where,
        `${reason}. Files found in it one by one, and read as far as they go: ${zip.members.length}`,
        container,
      );
      for (const { path: name, reason: why } of lost) complain('unreadable', `${where} › ${name}`, why, container);
    }
    for (const member of zip.members) {
      if (member.path.endsWith('/') || CLUTTER.test(member.path)) continue;
      const place = `${where} › ${member.path}`;
      if (member.refused !== undefined) {
        complain('unreadable', place, member.refused, container);
        continue;
      }
      try {
        const head = await headOf(member.torn ? whatIsThere(member.open()) : member.open());
        if (startsLikeZip(head) && /\.zip$/i.test(member.path)) {
          // Takeout and Drive put zips into zips.
          if (level > 0)
            complain('unreadable', place, 'it is a zip in a zip in a zip; unpack the outer one and give the folder', container);
          else await addZip(await unpack(member.torn ? whatIsThere(member.open()) : member.open()), place, container, level + 1);
          continue;
        }
        gathered.files.push({ where: place, path: member.path, container, size: member.size, head: headText(head), open: member.open });
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
        complain('unreadable', place, error.message, container);
      }
    }
  }

  async function unpack(bytes: AsyncIterable<Uint8Array>): Promise<string> {
    scratch ??= mkdtempSync(join(temporary, `unpacked-${process.pid}-`));
    const path = join(scratch, String(zips.length));
    const file = kept.create(path);
    try {
      for await (const chunk of bytes) file.write(chunk);
    } finally {
      file.close();
    }
    return path;
  }

  async function addFile(path: string, container: string, inner: string): Promise<void> {
    const real = realpathSync(path);
    if (seen.has(real)) return;
    seen.add(real);
    try {
      const head = await headOnDisk(path);
      if (head[0] === 0x1f && head[1] === 0x8b)
        return complain('unreadable', path, 'it is packed with gzip (.tgz); unpack it (tar xzf FILE) and give the folder');
      if (startsLikeZip(head) && !DOCUMENT.test(path)) return await addZip(path, path, path, 0);
      const { size, mtimeMs: modified } = statSync(path);
      gathered.files.push({
        where: path,
        path: inner,
        container,
        size,
        head: headText(head),
        onDisk: path,
        modified,
        open: () => onDisk(path),
      });
    } catch (error) {
      complain('unreadable', path, reasonOf(error));
    }
  }

  /** Without Node's own recursion, which follows links round in circles. */
  async function addFolder(folder: string): Promise<void> {
    const folders = [folder];
    for (let at = folders.shift(); at !== undefined; at = folders.shift()) {
      let entries: Dirent[];
      try {
        entries = readdirSync(at, { withFileTypes: true });
      } catch (error) {
        complain('unreadable', at, reasonOf(error));
        continue;
      }
      for (const entry of entries.toSorted((left, right) => (left.name < right.name ? -1 : 1))) {
        const path = join(at, entry.name);
        const inner = relative(folder, path).split(sep).join('/');
        if (CLUTTER.test(inner)) continue;
        if (entry.isDirectory()) folders.push(path);
        else if (entry.isFile()) await addFile(path, folder, inner);
        else if (entry.isSymbolicLink()) complain('skipped', path, 'it is a link; give what it points to, if it is wanted');
        else complain('skipped', path, 'it is neither a file nor a folder');
      }
    }
  }

  for (const path of paths) {
    try {
      const target = realpathSync(path);
      if (lstatSync(target).isDirectory()) await addFolder(path);
      else if (statSync(target).isFile()) await addFile(path, path, basename(path));
      else complain('unreadable', path, 'it is neither a file nor a folder');
    } catch (error) {
      complain('unreadable', path, reasonOf(error));
    }
  }
  return gathered;
}

/** What a problem with a file says to its owner. */
export function reasonOf(error: unknown): string {
  if (error instanceof Unreadable) return error.message;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') return 'there is no such file or folder';
  if (code === 'EACCES' || code === 'EPERM') return 'you may not read it (permissions)';
  return `it can't be read (${error instanceof Error ? error.message : String(error)})`;
}

/** The bytes of a file on disk. Throws `Unreadable`: it is the file's trouble, not ours. */
export async function* onDisk(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: CHUNK }) as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw new Unreadable(reasonOf(error));
  }
}

async function headOnDisk(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Of a file whose end is missing. That it is, is said by who reads it all. */
async function* whatIsThere(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
  }
}

/** The first bytes of a stream, which is then left. */
export async function headOf(bytes: AsyncIterable<Uint8Array>, most = HEAD): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    pieces.push(chunk);
    size += chunk.length;
    if (size >= most) break;
  }
  return Buffer.concat(pieces).subarray(0, most);
}
