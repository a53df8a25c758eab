import { existsSync } from 'node:fs';
import { markdownOf } from '../export/markdown.ts';
import { handoff } from '../handoff/bundle.ts';
import type { GitState } from '../handoff/bundle.ts';
import type { Archive } from '../store/open.ts';
import { findConversation, listConversations, messagesOf } from '../store/read.ts';
import { shownBranch } from '../tree.ts';
import type { ArchiveQuestions } from './mcp-server.ts';
import { partOf } from './part-of.ts';

/** Answers from an archive that is open in this process. `gitOf`: the state of a folder, where there is one. */
export function questionsTo(
  archive: Archive,
  search: ArchiveQuestions['search'],
  gitOf: (folder: string) => Promise<GitState | undefined>,
): ArchiveQuestions {
  return {
    search,
    list: (query) => Promise.resolve(listConversations(archive, query)),
    read(id, from, characters) {
      const conversation = findConversation(archive, id);
      if (!conversation) return Promise.resolve(undefined);
      const options = { reasoning: false, branches: true, linkTo: () => undefined };
      return Promise.resolve(partOf(markdownOf(conversation, [...messagesOf(archive, id)], options), from, characters));
    },
    async handoff(id, budget) {
      const conversation = findConversation(archive, id);
      if (!conversation) return undefined;
      const { project, current } = conversation;
      const git = project !== undefined && existsSync(project) ? await gitOf(project) : undefined;
      return handoff({ conversation, messages: shownBranch([...messagesOf(archive, id)], current), budget, ...(git && { git }) }).markdown;
    },
  };
}
