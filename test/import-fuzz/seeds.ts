import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { exportLines } from '../../src/archive/export-format.ts';
import {
  activity,
  chatgptConversation,
  chatgptMessage,
  chatgptNode,
  claudeConversation,
  claudeMessage,
  NOW,
  simpleChat,
} from '../import/builders.ts';

export interface Seed {
  name: string;
  /** How the table calls it. */
  kind: string;
  bytes: Buffer;
}

const fixtures = resolve(import.meta.dirname, '../../../shared/fixtures');
const SHARED = [
  'synthetic/claude-ai/conversations.json',
  'synthetic/claude-ai-2026-09-manifest/conversations.json',
  'synthetic/claude-ai-2026-09-manifest/conversations-000.zip',
  'synthetic/claude-ai-2026-09-manifest/manifest-22222222-1793520000-abcdef-2026-11-01-10-00-00.json',
  'synthetic/claude-ai-2026-09-manifest/design_chats/99999999-9999-4999-8999-999999999999.json',
  'synthetic/claude-ai-2026-09-manifest/memories/22222222-2222-4222-8222-222222222222.json',
  'synthetic/claude-ai-2026-09-manifest/projects/44444444-4444-4444-8444-444444444444.json',
  'synthetic/claude-ai-2026-09-manifest/frames-000.zip',
  'synthetic/chatgpt/conversations.json',
  'synthetic/chatgpt/export_manifest.json',
  'synthetic/gemini-takeout/MyActivity.json',
  'agentsview-MIT/gemini-takeout-MyActivity.sample.html',
  ...['ToolCalls', 'Thinking', 'WebSearch'].map(
    (name) => `agentsview-MIT/extracted-from-go-tests/chatgpt.TestParseChatGPTExport_${name}.1.json`,
  ),
];

const cell = (text: string): string =>
  `<div class="outer-cell mdl-cell"><div class="header-cell mdl-cell"><p>Gemini Apps<br></p></div><div class="content-cell mdl-cell">Prompted&nbsp;${text}<br>Oct 1, 2026, 10:00:00 AM UTC<br><p>An <b>answer</b></p></div></div>`;

/** Good files of every kind, to be spoilt. */
export function seeds(): Seed[] {
  const claude = claudeConversation('a', 0, {
    chat_messages: [
      claudeMessage(1, { attachments: [{ file_name: 'a.txt', extracted_content: 'x' }], files: [{ file_uuid: 'f1', file_name: 'p.png' }] }),
      claudeMessage(2, {
        content: [
          { type: 'thinking', thinking: 'Hm.' },
          { type: 'tool_use', id: 't', name: 'n', input: {} },
          { type: 'tool_result', tool_use_id: 't', content: [{ type: 'text', text: 'r' }] },
        ],
      }),
    ],
  });
  const chat = chatgptConversation('c', {
    q: chatgptNode(
      'q',
      null,
      chatgptMessage('user', {
        content_type: 'multimodal_text',
        parts: ['x', { content_type: 'image_asset_pointer', asset_pointer: 'sediment://file_1' }],
      }),
    ),
    k: chatgptNode('k', 'q', chatgptMessage('assistant', { content_type: 'code', text: '{"a":1}' }, { recipient: 'web.run' })),
    t: chatgptNode(
      't',
      'k',
      chatgptMessage(
        'tool',
        { content_type: 'execution_output', text: '1' },
        { metadata: { aggregate_result: { messages: [{ image_url: 'file-service://file-2' }] } } },
      ),
    ),
  });
  const head = { source: 'codex' as const, key: 'k', title: 'T' };
  const message = { key: '1', role: 'user' as const, status: 'complete' as const, parts: [{ type: 'text' as const, text: 'hi' }] };
  const own = [
    { name: 'claude.json', bytes: Buffer.from(JSON.stringify([claude, claudeConversation('b', 2)])) },
    { name: 'chatgpt.json', bytes: Buffer.from(JSON.stringify([chat, simpleChat('d')])) },
    {
      name: 'MyActivity.json',
      bytes: Buffer.from(JSON.stringify([activity('Prompted one', { attachedFiles: ['x.pdf'] }), activity('Used it')])),
    },
    { name: 'MyActivity.html', bytes: Buffer.from(`<html><body>${cell('one')}${cell('two')}</body></html>`) },
    {
      name: 'turns.json',
      bytes: Buffer.from(
        JSON.stringify({
          title: 'T',
          creation_time: '2026-10-01T10:00:00Z',
          conversation_turns: [{ user_turn: { prompt: 'hi', turn_index: 0 } }, { system_turn: { text: [{ data: 'x' }] } }],
        }),
      ),
    },
    {
      name: 'export.jsonl',
      bytes: Buffer.from([...exportLines([{ head, messages: [message, { ...message, key: '2', parent: '1' }] }], NOW)].join('')),
    },
  ];
  const shared = existsSync(fixtures)
    ? SHARED.map((path) => ({ name: path.slice(path.lastIndexOf('/') + 1), kind: kindOf(path), bytes: readFileSync(join(fixtures, path)) }))
    : [];
  return [...own.map((one) => ({ ...one, kind: `own ${one.name}` })), ...shared];
}

/** `claude-ai-2026-09-manifest/projects/….json` */
function kindOf(path: string): string {
  return path
    .split('/')
    .slice(1)
    .join('/')
    .replace('extracted-from-go-tests/', '')
    .replace(/[\d-]{12,}[^/]*(?=\.json)/, '…');
}

/** Names that exports use. */
export const NAMES =
  'uuid name chat_messages sender text content type thinking input tool_use_id attachments files file_uuid created_at updated_at parent_message_uuid account docs prompt_template conversations_memory project_memories memory_files messages title versions id active_version data_files filename category export_url mapping parent message author role content_type parts metadata recipient asset_pointer thoughts create_time current_node conversation_id export_files path header time safeHtmlItem html products attachedFiles conversation_turns user_turn system_turn prompt turn_index understudy conversation end key source status'.split(
    ' ',
  );
