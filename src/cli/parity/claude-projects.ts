import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ArchivedMessage } from '../../archive/conversation.ts';
import { openArchiveToRead } from '../../archive/store/open.ts';
import { listConversations, messagesOf } from '../../archive/store/read.ts';
import { isEncrypted } from '../../journal/at-rest/header.ts';

/** A project of claude.ai, as an import has told it. */
export interface ClaudeProject {
  /** The archive's id of the conversation that holds it: `understudy export ID` prints it. */
  id: string;
  name: string;
  /** Characters of its instructions. */
  instructions: number;
  /** Names of its documents. */
  documents: string[];
}

/** Projects of an imported account, the last changed first. None where nothing was imported; `locked`: the archive is encrypted, and nobody is asked for its key here. */
export function claudeProjects(data: string): ClaudeProject[] | 'locked' {
  if (!existsSync(join(data, 'archive.db'))) return [];
  if (isEncrypted(data)) return 'locked';
  const opened = openArchiveToRead(data);
  if (!opened.ok) return [];
  try {
    return listConversations(opened.value, { source: 'claude-ai', everything: true, limit: MOST })
      .filter(({ key }) => key.startsWith('project:'))
      .map(({ id, title, project }) => {
        const messages = [...messagesOf(opened.value, id)];
        return {
          id,
          name: project ?? title,
          instructions: messages.filter(({ key }) => key === 'instructions').reduce((sum, each) => sum + textLength(each), 0),
          documents: messages.flatMap(({ parts }) =>
            parts.flatMap((part) => (part.type === 'file' && part.name !== undefined ? [part.name] : [])),
          ),
        };
      })
      .filter(({ instructions, documents }) => instructions > 0 || documents.length > 0);
  } finally {
    opened.value.close();
  }
}

/** Conversations looked through. */
const MOST = 20_000;

function textLength({ parts }: ArchivedMessage): number {
  return parts.reduce((sum, part) => sum + (part.type === 'text' ? part.text.length : 0), 0);
}
