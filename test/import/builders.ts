import { createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { LIMITS } from '../../src/archive/import/limits.ts';
import { exportReaders } from '../../src/archive/import/readers.ts';
import type { ImportReport } from '../../src/archive/import/report.ts';
import { runImport } from '../../src/archive/import/run-import.ts';
import type { ImportOptions } from '../../src/archive/import/run-import.ts';
import { openArchive } from '../../src/archive/store/open.ts';
import type { Archive } from '../../src/archive/store/open.ts';

/** UTC milliseconds: the evening of 22 November 2026. */
export const NOW = Date.UTC(2026, 10, 22, 20);

/** A folder of its own with an archive, and importing into it. */
export interface Desk {
  folder: string;
  archive: Archive;
  import(paths: readonly string[], options?: Partial<ImportOptions>): Promise<ImportReport>;
  /** Writes a file (and folders to it) and says where it is. */
  file(name: string, content: string | Uint8Array): string;
  zip(name: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<string>;
  remove(): void;
}

export function desk(): Desk {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-import-'));
  const opened = openArchive(join(folder, 'data'));
  if (!opened.ok) throw new Error(opened.error.reason);
  const archive = opened.value;
  const place = (name: string): string => {
    const path = join(folder, 'in', name);
    mkdirSync(dirname(path), { recursive: true });
    return path;
  };
  return {
    folder,
    archive,
    import: (paths, options) => runImport(paths, { archive, readers: exportReaders, limits: LIMITS, now: () => NOW, ...options }),
    file(name, content) {
      const path = place(name);
      writeFileSync(path, content);
      return path;
    },
    async zip(name, files) {
      const path = place(name);
      await writeZip(path, files);
      return path;
    },
    remove() {
      archive.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function writeZip(path: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), name);
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(path));
}

const iso = (minute: number): string => new Date(Date.UTC(2026, 9, 1, 10, minute)).toISOString();

export function claudeMessage(number: number, more: Record<string, unknown> = {}): Record<string, unknown> {
  const sender = number % 2 === 1 ? 'human' : 'assistant';
  const text = `${sender} says ${number}`;
  return {
    uuid: `m-${number}`,
    parent_message_uuid: number === 1 ? '00000000-0000-4000-8000-000000000000' : `m-${number - 1}`,
    sender,
    text,
    content: [{ type: 'text', text, citations: [] }],
    created_at: iso(number),
    updated_at: iso(number),
    attachments: [],
    files: [],
    ...more,
  };
}

export function claudeConversation(id: string, messages = 4, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    uuid: id,
    name: `Conversation ${id}`,
    created_at: iso(0),
    updated_at: iso(messages),
    account: { uuid: 'account-1' },
    chat_messages: Array.from({ length: messages }, (_, index) => claudeMessage(index + 1)),
    ...more,
  };
}

export function chatgptNode(id: string, parent: string | null, message: Record<string, unknown> | null): Record<string, unknown> {
  return { id, parent, children: [], message };
}

export function chatgptMessage(role: string, content: unknown, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    author: { role, name: null, metadata: {} },
    create_time: 1_760_000_000,
    content: typeof content === 'string' ? { content_type: 'text', parts: [content] } : content,
    status: 'finished_successfully',
    recipient: 'all',
    metadata: role === 'assistant' ? { model_slug: 'gpt-5' } : {},
    ...more,
  };
}

export function chatgptConversation(
  id: string,
  mapping: Record<string, unknown>,
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    title: `Chat ${id}`,
    create_time: 1_760_000_000,
    update_time: 1_760_000_100,
    mapping,
    current_node: null,
    conversation_id: id,
    id,
    ...more,
  };
}

export function simpleChat(id: string): Record<string, unknown> {
  return chatgptConversation(
    id,
    {
      root: chatgptNode('root', null, null),
      q: chatgptNode('q', 'root', chatgptMessage('user', `Question of ${id}`)),
      a: chatgptNode('a', 'q', chatgptMessage('assistant', `Answer of ${id}`)),
    },
    { current_node: 'a' },
  );
}

export function activity(title: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    header: 'Gemini Apps',
    title,
    time: '2026-10-01T10:00:00.123Z',
    products: ['Gemini Apps'],
    safeHtmlItem: [{ html: '<p>An <b>answer</b></p>' }],
    ...more,
  };
}
