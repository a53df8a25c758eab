import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { ArchivedMessage, ConversationHead } from '../conversation.ts';
import { exportLines, ORIGINALS_FOLDER } from '../export-format.ts';
import type { Archive } from '../store/open.ts';
import { originalPath } from '../store/originals.ts';
import { extrasOf, messagesOf, type ConversationSummary } from '../store/read.ts';

/**
 * Conversations in Understudy's own format (export-format.ts), which `understudy import` reads back without loss. `keep` is called with each
 * file that a message names, and puts it beside.
 */
export function* ownFormat(
  archive: Archive,
  conversations: Iterable<ConversationSummary>,
  now: number,
  keep: (sha256: string) => void,
): Generator<string> {
  yield* exportLines(told(archive, conversations, keep), now);
}

function* told(
  archive: Archive,
  conversations: Iterable<ConversationSummary>,
  keep: (sha256: string) => void,
): Generator<{ head: ConversationHead; messages: Iterable<ArchivedMessage> }> {
  for (const conversation of conversations) {
    const extras = extrasOf(archive, conversation.id);
    yield { head: { ...headOf(conversation), ...(extras && { extras }) }, messages: withFiles(messagesOf(archive, conversation.id), keep) };
  }
}

function* withFiles(messages: Iterable<ArchivedMessage>, keep: (sha256: string) => void): Generator<ArchivedMessage> {
  for (const message of messages) {
    const files = message.parts.flatMap((part) => (part.type === 'file' ? [part] : part.type === 'tool-result' ? part.content : []));
    for (const file of files) if (file.type === 'file' && file.content.type === 'stored') keep(file.content.sha256);
    yield message;
  }
}

/** What is counted (messages, branches, cost) is counted anew by whoever reads it. */
function headOf(summary: ConversationSummary): ConversationHead {
  const { source, key, title, createdAt, updatedAt, project, branch, account, session, startedBy, current } = summary;
  return {
    source,
    key,
    ...(title !== '' && { title }),
    ...(createdAt !== undefined && { createdAt }),
    ...(updatedAt !== undefined && { updatedAt }),
    ...(project !== undefined && { project }),
    ...(branch !== undefined && { branch }),
    ...(account !== undefined && { account }),
    ...(session !== undefined && { session }),
    ...(startedBy && { startedBy }),
    ...(current !== undefined && { current }),
  };
}

/** Puts originals into the folder beside an export. What is there already stays; what the archive has lost is not made up. */
export function originalsBeside(archive: Archive, folder: string): (sha256: string) => void {
  const originals = join(folder, ORIGINALS_FOLDER);
  return (sha256) => {
    const target = join(originals, sha256);
    const path = originalPath(archive, sha256);
    if (existsSync(target) || !existsSync(path)) return;
    mkdirSync(originals, { recursive: true, mode: 0o700 });
    archive.files.copyOut(path, `${target}.part`);
    renameSync(`${target}.part`, target);
  };
}
