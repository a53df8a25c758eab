import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceName } from '../../src/archive/conversation.ts';
import { protectionOf } from '../../src/archive/protect/pass.ts';
import { transcriptStores } from '../../src/archive/protect/stores.ts';
import { openArchive } from '../../src/archive/store/open.ts';
import { listConversations, messagesOf } from '../../src/archive/store/read.ts';
import type { Variant } from './driven.ts';

/** As the archive calls the sessions of each. pi is driven with `--no-session`. */
const SOURCES: Partial<Record<Variant['client'], SourceName>> = {
  claude: 'claude-code',
  codex: 'codex',
  gemini: 'gemini-cli',
  opencode: 'opencode',
  qwen: 'qwen-code',
  copilot: 'copilot-cli',
};

/** What the real CLI has written down of its session is protected, understood, and found: the question, every word of the answers, the tool's round. */
export async function protectionProblems(
  { client }: Variant,
  environment: Record<string, string | undefined>,
  folder: string,
  { question, said, toolOutput }: { question: string; said: readonly string[]; toolOutput: string | undefined },
): Promise<string[]> {
  const source = SOURCES[client];
  if (source === undefined) return [];
  const home = environment['HOME'] ?? '';
  const data = join(folder, 'protected');
  const opened = openArchive(data);
  if (!opened.ok) return [opened.error.reason];
  const archive = opened.value;
  try {
    const stores = transcriptStores({ environment: { HOME: home }, home, platform: process.platform });
    const protection = protectionOf(archive);
    const report = await protection.pass(stores, { now: Date.now });
    const problems = report.troubles.map(({ path, reason }) => `not protected: ${path}: ${reason}`);
    const again = await protection.pass(stores, { now: Date.now });
    if (again.bytes + again.messages > 0) problems.push(`a second look took up ${again.bytes} bytes and ${again.messages} messages`);
    for (const file of protection.ledger.all()) {
      if (file.skipped !== undefined && file.skipped !== '[]') problems.push(`${file.path}: ${file.skipped}`);
      const isDatabase = file.path.endsWith('.db');
      if (!isDatabase && !readFileSync(file.path).equals(readFileSync(join(archive.folder, file.copy))))
        problems.push(`the copy of ${file.path} differs`);
    }
    const found = listConversations(archive, { limit: 10, source });
    if (found.length !== 1) return [...problems, `${found.length} conversations of ${source} were found`];
    const messages = [...messagesOf(archive, found[0]!.id)];
    const texts = messages.flatMap(({ parts, role, hidden }) =>
      parts.flatMap((part) => (part.type === 'text' && !hidden ? [{ role, text: part.text }] : [])),
    );
    if (!texts.some(({ role, text }) => role === 'user' && text.includes(question))) problems.push(`the question is not in the archive`);
    for (const words of said)
      if (!texts.some(({ role, text }) => role === 'assistant' && text === words))
        problems.push(`not in the archive: ${JSON.stringify(words.slice(0, 80))}`);
    const results = messages.flatMap(({ parts }) =>
      parts.flatMap((part) => (part.type === 'tool-result' ? [JSON.stringify(part.content)] : [])),
    );
    if (toolOutput !== undefined && !results.some((result) => result.includes(toolOutput)))
      problems.push("the tool's result is not in the archive");
    if (found[0]!.session === undefined || found[0]!.project === undefined)
      problems.push('the session has no id or no folder in the archive');
    return problems;
  } finally {
    archive.close();
    rmSync(data, { recursive: true, force: true });
  }
}
