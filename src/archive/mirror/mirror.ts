import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { isObject, parseObject } from '../../exchange/json.ts';
import { markdownOf } from '../export/markdown.ts';
import { isConversationId } from '../ids.ts';
import type { Archive } from '../store/open.ts';
import { originalPath } from '../store/originals.ts';
import { changedConversations, deletedSince, messagesOf } from '../store/read.ts';
import type { ConversationSummary } from '../store/read.ts';
import { fileNameOf, mirrorPath } from './mirror-path.ts';

/** A folder of Markdown files that shows the archive to people and programs that have no Understudy. */
export interface Mirror {
  /** Brings up to `limit` conversations up to date, the oldest change first. Throws what node:fs throws; what was done stays. */
  follow(limit: number): Followed;
  /** Takes a conversation out of it. */
  remove(id: string): void;
}

export interface Followed {
  written: number;
  /** Nothing had to be written: they were as they should be. */
  same: number;
  /** More has changed than `limit`. */
  more: boolean;
}

/** Says how far the folder is. Its own, so that a copy or a checkout of it goes on where it is. */
const STATE = '.understudy-mirror.json';
const README = 'README.md';
const ABOUT = `# Conversations

Each file is one conversation with an AI assistant, written by Understudy from its archive. Files here are
written anew when their conversation goes on; keep your own notes elsewhere. Nothing but a text editor is needed to read them.
`;

/** `folder` is made if it isn't there. Conversations from before are found by the id at the end of their file's name. */
export function openMirror(archive: Archive, folder: string): Mirror {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const places = placesIn(folder);
  const state = join(folder, STATE);
  let revision = readRevision(state);

  function write(conversation: ConversationSummary): boolean {
    const path = mirrorPath(conversation);
    const markdown = [
      ...markdownOf(conversation, [...messagesOf(archive, conversation.id)], {
        reasoning: true,
        branches: true,
        linkTo: (sha256, name) => keepFile(path, sha256, name),
      }),
    ].join('');
    const before = places.get(conversation.id);
    const target = join(folder, path);
    if (before === path && existsSync(target) && readFileSync(target, 'utf8') === markdown) return false;
    replace(target, markdown);
    if (before !== undefined && before !== path) takeOut(before);
    places.set(conversation.id, path);
    return true;
  }

  /** Beside the conversations, by their hash, so that the same file lies there once. */
  function keepFile(from: string, sha256: string, name: string | undefined): string | undefined {
    const original = originalPath(archive, sha256);
    if (!existsSync(original)) return undefined;
    const path = `files/${sha256.slice(0, 2)}/${sha256.slice(0, 16)}-${fileNameOf(name ?? 'file')}`;
    const target = join(folder, path);
    if (!existsSync(target)) {
      mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
      archive.files.copyOut(original, `${target}.part`);
      renameSync(`${target}.part`, target);
    }
    return encodeURI(posix.relative(posix.dirname(from), path)).replace(/[?#]/g, encodeURIComponent);
  }

  function takeOut(path: string): void {
    rmSync(join(folder, path), { force: true });
    // The month's folder goes with its last file.
    for (let up = posix.dirname(path); up !== '.'; up = posix.dirname(up)) {
      if (readdirSync(join(folder, up)).length > 0) return;
      rmdirSync(join(folder, up));
    }
  }

  function takeOutFile(sha256: string): void {
    const folderOf = `files/${sha256.slice(0, 2)}`;
    if (!existsSync(join(folder, folderOf))) return;
    for (const name of readdirSync(join(folder, folderOf))) if (name.startsWith(`${sha256.slice(0, 16)}-`)) takeOut(`${folderOf}/${name}`);
  }

  function remove(id: string): void {
    const path = places.get(id);
    if (path !== undefined) takeOut(path);
    places.delete(id);
  }

  return {
    follow(limit) {
      const about = join(folder, README);
      if (!existsSync(about)) replace(about, ABOUT);
      for (const { type, name } of deletedSince(archive, revision)) {
        if (type === 'file') takeOutFile(name);
        else remove(name);
      }
      const changed = changedConversations(archive, revision, limit);
      let written = 0;
      for (const conversation of changed) if (write(conversation)) written += 1;
      const last = changed.at(-1);
      if (last) {
        revision = last.revision;
        replace(state, `${JSON.stringify({ revision })}\n`);
      }
      return { written, same: changed.length - written, more: changed.length === limit };
    },
    remove,
  };
}

/** Whole or not at all, whatever happens in between. */
function replace(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.part`, text, { mode: 0o600 });
  renameSync(`${path}.part`, path);
}

function readRevision(path: string): number {
  const state = existsSync(path) ? parseObject(readFileSync(path, 'utf8')) : undefined;
  const revision = isObject(state) ? state['revision'] : undefined;
  return typeof revision === 'number' ? revision : 0;
}

/** Where conversations lie, by their ids. */
function placesIn(folder: string): Map<string, string> {
  const places = new Map<string, string>();
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const [, id] = / (c_[0-9a-z]+)\.md$/.exec(entry) ?? [];
    if (id !== undefined && isConversationId(id)) places.set(id, entry.replaceAll('\\', '/'));
  }
  return places;
}
