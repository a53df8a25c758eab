import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SourceName } from '../../src/archive/conversation.ts';
import { openZip } from '../../src/archive/import/zip.ts';
import { LIMITS } from '../../src/archive/import/limits.ts';
import { listConversations, messagesOf } from '../../src/archive/store/read.ts';
import { activity, chatgptConversation, chatgptMessage, chatgptNode, claudeConversation, claudeMessage, desk } from './builders.ts';
import type { Desk } from './builders.ts';

/** Counts of an export, told by walking its raw JSON: conversations, messages, ends, files. Knows nothing of our readers. */
interface Counts {
  conversations: number;
  messages: number;
  branches: number;
  attachments: number;
}

// oxlint-disable-next-line typescript/no-explicit-any -- raw JSON is walked as jq would
type Raw = Record<string, any>;

function ends(links: readonly (readonly [id: string, parent: string | undefined])[]): number {
  const above = new Set(links.map(([, parent]) => parent));
  return links.filter(([id]) => !above.has(id)).length;
}

function add(all: readonly Counts[]): Counts {
  const sum = { conversations: 0, messages: 0, branches: 0, attachments: 0 };
  for (const one of all) for (const key of Object.keys(sum) as (keyof Counts)[]) sum[key] += one[key];
  return sum;
}

function countClaude(list: readonly Raw[]): Counts {
  return add(
    list.map(({ chat_messages: messages }) => ({
      conversations: 1,
      messages: messages.length,
      branches: ends(messages.map((one: Raw, at: number) => [one['uuid'], one['parent_message_uuid'] ?? messages[at - 1]?.uuid])),
      attachments: messages
        .map((one: Raw) => {
          const blocks: Raw[] = typeof one['content'] === 'string' ? JSON.parse(one['content']) : (one['content'] ?? []);
          const files = (one['files'] ?? []).map((file: Raw) => file['file_uuid']);
          const shown = blocks
            .flatMap((block) => [block, ...(Array.isArray(block['content']) ? block['content'] : [])])
            .filter(
              (block) => ['image', 'document', 'local_resource', 'file'].includes(block['type']) && !files.includes(block['file_uuid']),
            );
          return (one['attachments'] ?? []).length + files.length + shown.length;
        })
        .reduce((sum: number, count: number) => sum + count, 0),
    })),
  );
}

function countChatgpt(list: readonly Raw[]): Counts {
  return add(
    list.map(({ mapping }) => {
      const spoken = Object.values<Raw>(mapping).filter((node) => node['message']);
      const above = (node: Raw): string | undefined => {
        const parent = mapping[node['parent']];
        return !parent ? undefined : parent.message ? node['parent'] : above(parent);
      };
      return {
        conversations: 1,
        messages: spoken.length,
        branches: ends(
          Object.keys(mapping)
            .filter((id) => mapping[id].message)
            .map((id) => [id, above(mapping[id])]),
        ),
        attachments: spoken
          .map((node) => {
            const shown = (node['message'].content.parts ?? []).flatMap((part: Raw) => part['asset_pointer']?.split('://')[1] ?? []);
            const listed = (node['message'].metadata?.attachments ?? []).map((file: Raw) => file['id']);
            return new Set([...shown, ...listed]).size;
          })
          .reduce((sum, count) => sum + count, 0),
      };
    }),
  );
}

function countGemini(list: readonly Raw[]): Counts {
  const prompts = list.filter((one) => String(one['title']).startsWith('Prompted'));
  return {
    conversations: prompts.length,
    messages: prompts.length + prompts.flatMap((one) => one['safeHtmlItem'] ?? []).length,
    branches: prompts.map((one) => Math.max(1, (one['safeHtmlItem'] ?? []).length)).reduce((sum, count) => sum + count, 0),
    attachments: prompts.flatMap((one) => one['attachedFiles'] ?? []).length,
  };
}

let at: Desk;
beforeEach(() => {
  at = desk();
});
afterEach(() => at.remove());

/** What the archive holds of a source, read back from it: conversations that are none by themselves (projects, memories …) apart. */
function stored(source: SourceName): Counts {
  const own = listConversations(at.archive, { limit: 1000, source }).filter(({ key }) => !/^(project|memories|design|artifact):/.test(key));
  return add(
    own.map(({ id, branches }) => {
      const messages = [...messagesOf(at.archive, id)];
      const files = messages.flatMap(({ parts }) => parts).flatMap((part) => (part.type === 'tool-result' ? part.content : [part]));
      return {
        conversations: 1,
        messages: messages.length,
        branches: messages.length === 0 ? 0 : branches,
        attachments: files.filter((part) => part.type === 'file').length,
      };
    }),
  );
}

/** What the archive has after an import; another reading of everything changes nothing. */
async function imported(paths: readonly string[], source: SourceName): Promise<Counts> {
  const report = await at.import(paths);
  expect(report.lists.unreadable).toEqual([]);
  const first = stored(source);
  const again = await at.import(paths, { again: true });
  for (const { conversations, messages } of again.sources) {
    expect(conversations).toMatchObject({ added: 0, changed: 0 });
    expect(messages).toMatchObject({ added: 0, changed: 0 });
  }
  const quick = await at.import(paths);
  expect(quick.sources.map(({ files }) => files.read)).toEqual(quick.sources.map(() => 0));
  expect(stored(source)).toEqual(first);
  return first;
}

const fixtures = resolve(import.meta.dirname, '../../../shared/fixtures');
const json = (path: string): Raw[] => JSON.parse(readFileSync(join(fixtures, path), 'utf8')) as Raw[];
const goTests = 'agentsview-MIT/extracted-from-go-tests';

describe.runIf(existsSync(fixtures))('the shared fixtures', () => {
  it('Claude, the old layout', () =>
    expect(imported([join(fixtures, 'synthetic/claude-ai')], 'claude-ai')).resolves.toEqual(
      countClaude(json('synthetic/claude-ai/conversations.json')),
    ));

  it('Claude, manifest and zips', () =>
    expect(imported([join(fixtures, 'synthetic/claude-ai-2026-09-manifest')], 'claude-ai')).resolves.toEqual(
      countClaude(json('synthetic/claude-ai-2026-09-manifest/conversations.json')),
    ));

  it('Claude, a zip of 40 conversations', async () => {
    const path = join(fixtures, 'claude-rescue-reader-MIT/docs/demo/claude-rescue-reader-synthetic-demo.zip');
    const zip = await openZip(path, LIMITS);
    const chunks: Uint8Array[] = [];
    for await (const chunk of zip.members.find((member) => member.path === 'conversations.json')!.open()) chunks.push(chunk);
    zip.close();
    await expect(imported([path], 'claude-ai')).resolves.toEqual(countClaude(JSON.parse(Buffer.concat(chunks).toString('utf8')) as Raw[]));
  });

  it('Claude, testExportJSON', async () => {
    const path = `${goTests}/claude-ai.testExportJSON.1.json`;
    await expect(imported([join(fixtures, path)], 'claude-ai')).resolves.toEqual(countClaude(json(path)));
  });

  it.each(['AttachmentContent', 'AttachmentFallbackPaths', 'ContentBlocks', 'IgnoredAttachments', 'TextFallbackPreservesWhitespace'])(
    'Claude, %s',
    (name) => {
      const path = `${goTests}/claude-ai.TestParseClaudeAIExport_${name}.1.json`;
      return expect(imported([join(fixtures, path)], 'claude-ai')).resolves.toEqual(countClaude(json(path)));
    },
  );

  it.each([
    'ParseChatGPTExport',
    'ParseChatGPTExport_SystemMessage',
    'ParseChatGPTExport_Thinking',
    'ParseChatGPTExport_ToolCalls',
    'ParseChatGPTExport_WebSearch',
  ])('ChatGPT, %s', (name) => {
    const path = `${goTests}/chatgpt.Test${name}.1.json`;
    return expect(imported([join(fixtures, path)], 'chatgpt')).resolves.toEqual(countChatgpt(json(path)));
  });

  it('ChatGPT, single and sharded', () =>
    expect(imported([join(fixtures, 'synthetic/chatgpt')], 'chatgpt')).resolves.toEqual(
      countChatgpt(json('synthetic/chatgpt/conversations.json')),
    ));

  it('Gemini Takeout, JSON', () =>
    expect(imported([join(fixtures, 'synthetic/gemini-takeout')], 'gemini-takeout')).resolves.toEqual(
      countGemini(json('synthetic/gemini-takeout/MyActivity.json')),
    ));

  it('Gemini Takeout, page', async () => {
    const path = join(fixtures, 'agentsview-MIT/gemini-takeout-MyActivity.sample.html');
    const cells = readFileSync(path, 'utf8').split('outer-cell').slice(1);
    const prompts = cells.filter((cell) => cell.includes('<p>Prompted')).length;
    // What Gemini made or did without being asked, with words: a canvas and an activity of a kind that is not known.
    const others = cells.filter((cell) => /<p>(Canvas|Unknown activity)</.test(cell)).length;
    await expect(imported([path], 'gemini-takeout')).resolves.toEqual({
      conversations: prompts + others,
      messages: 2 * prompts + others,
      branches: prompts + others,
      attachments: 0,
    });
  });

  it('what is no conversation by itself is said', async () => {
    const report = await at.import([join(fixtures, goTests, 'chatgpt.TestAssembleContent_ImageAsset.1.json')]);
    expect(report.lists.unreadable).toMatchObject([{ found: 'JSON, an object with the keys content_type, asset_pointer' }]);
  });
});

describe('counts', () => {
  it('of Claude: branches, files in blocks and in lists, JSON in JSON', () => {
    const list = [
      claudeConversation('a', 6, {
        chat_messages: [
          claudeMessage(1, {
            attachments: [{ file_name: 'a.txt', extracted_content: 'x' }],
            files: [{ file_uuid: 'f1', file_name: 'p.png' }],
            content: [
              { type: 'text', text: 'see' },
              { type: 'image', file_uuid: 'f1' },
              { type: 'document', file_uuid: 'f2' },
            ],
          }),
          claudeMessage(2),
          claudeMessage(3),
          claudeMessage(4, { parent_message_uuid: 'm-3', content: JSON.stringify([{ type: 'text', text: 'four' }]) }),
          claudeMessage(5, { uuid: 'm-3b', parent_message_uuid: 'm-2' }),
        ],
      }),
      claudeConversation('b', 0),
    ];
    return expect(imported([at.file('x.json', JSON.stringify(list))], 'claude-ai')).resolves.toEqual(countClaude(list));
  });

  it('of ChatGPT: placeholders between, edits, pictures that are listed as well', () => {
    const list = [
      chatgptConversation('c', {
        root: chatgptNode('root', null, null),
        q: chatgptNode(
          'q',
          'root',
          chatgptMessage(
            'user',
            {
              content_type: 'multimodal_text',
              parts: [{ content_type: 'image_asset_pointer', asset_pointer: 'sediment://file_1' }, 'what?'],
            },
            {
              metadata: {
                attachments: [
                  { id: 'file_1', name: 'a.png' },
                  { id: 'file_2', name: 'b.pdf' },
                ],
              },
            },
          ),
        ),
        gap: chatgptNode('gap', 'q', null),
        a: chatgptNode('a', 'gap', chatgptMessage('assistant', 'one')),
        b: chatgptNode('b', 'gap', chatgptMessage('assistant', 'two')),
      }),
    ];
    return expect(imported([at.file('x.json', JSON.stringify(list))], 'chatgpt')).resolves.toEqual(countChatgpt(list));
  });

  it('of Gemini: drafts, files, and what is no prompt', () => {
    const list = [
      activity('Prompted one'),
      activity('Prompted two', {
        time: '2026-10-01T11:00:00Z',
        safeHtmlItem: [{ html: '<p>a</p>' }, { html: '<p>b</p>' }],
        attachedFiles: ['x.pdf'],
      }),
      activity('Gave feedback', { time: '2026-10-01T12:00:00Z', safeHtmlItem: [] }),
    ];
    return expect(imported([at.file('MyActivity.json', JSON.stringify(list))], 'gemini-takeout')).resolves.toEqual(countGemini(list));
  });
});
