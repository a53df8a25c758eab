import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { archiveMcpServer, type AskArchive } from '../../archive/mcp/mcp-server.ts';
import { answers } from '../../archive/questions.ts';
import { archiveProblem } from '../../archive/store/open.ts';
import { err, ok } from '../../exchange/result.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { openedArchive } from './open-archive.ts';
import { CONFIG_ARGS } from '../read-config.ts';

export const mcpCommand: Command = {
  name: 'mcp',
  summary: 'Lets assistants search and read your archive (MCP).',
  args: { ...CONFIG_ARGS },
  examples: [
    ['claude mcp add understudy -- understudy mcp', 'Claude Code'],
    ['codex mcp add understudy -- understudy mcp', 'Codex'],
    ['gemini mcp add understudy understudy mcp', 'Gemini CLI'],
  ],
  page: 'mcp.md',
  more: [
    'A server of the Model Context Protocol on standard input and output, read-only. Tools: search_conversations, list_recent_conversations, get_conversation, get_handoff. An assistant that uses them sends what it reads to its own vendor.',
    'No server needs to run. A running one serves the same by HTTP at http://127.0.0.1:4141/mcp.',
  ],
  async run(context) {
    const { deps } = context;
    const opened = await openedArchive(context, 'read');
    if (!opened.ok) return opened.error;
    const { archive, data } = opened.value;
    const answer = answers(archive, deps.clock);
    const ask: AskArchive = (question, asked) => {
      try {
        return Promise.resolve(ok(answer[question](asked)));
      } catch (error) {
        return Promise.resolve(err(archiveProblem(error, data)));
      }
    };
    const ended = Promise.withResolvers<void>();
    // Standard output is the protocol's: nothing else may be written there.
    const served = serveStdio(() => archiveMcpServer(ask, deps.version));
    process.stdin.once('end', ended.resolve);
    process.stdin.once('close', ended.resolve);
    const undo = (['SIGINT', 'SIGTERM'] as const).map((signal) => deps.surroundings.onSignal(signal, ended.resolve));
    await ended.promise;
    for (const each of undo) each();
    await served.close();
    archive.close();
    return EXIT.done;
  },
};
