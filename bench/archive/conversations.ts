import type { ArchivedMessage, ArchivedPart, ConversationHead, SourceName } from '../../src/archive/conversation.ts';
import { type Languages, type Random, type Vocabulary } from './words.ts';

/**
 * Conversations as coding agents and chats leave them: lengths are log-normal (median and spread of each kind below, after transcripts
 * of our own agents), few tool results are huge, most of the text is code and logs.
 */
export interface Made {
  head: ConversationHead;
  messages: ArchivedMessage[];
  /** UTF-8 bytes of all text in it. */
  bytes: number;
}

/** UTC milliseconds: the archive covers three years before it. */
const END = Date.UTC(2026, 10, 22);
const THREE_YEARS = 3 * 365 * 86_400_000;
const MODELS = [
  ['anthropic', 'claude-opus-5'],
  ['anthropic', 'claude-haiku-4-5'],
  ['openai', 'gpt-5.6'],
  ['google', 'gemini-3.6-pro'],
  ['ollama', 'qwen3:8b'],
] as const;
const TOOLS = ['Bash', 'Read', 'Edit', 'Grep', 'Write', 'WebFetch', 'mcp__github__search_issues'];
const CHATS: readonly SourceName[] = ['understudy', 'chatgpt', 'claude-ai', 'gemini-takeout'];
const AGENTS: readonly SourceName[] = ['claude-code', 'codex', 'gemini-cli', 'opencode', 'understudy'];

function pick<Item>(items: readonly Item[], random: Random): Item {
  return items[Math.floor(random() * items.length)]!;
}

/** Characters, log-normal. */
function size(median: number, spread: number, most: number, random: Random): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.min(most, Math.ceil(median * Math.exp(spread * normal)));
}

function prose({ word, gap }: Vocabulary, length: number, random: Random): string {
  const isChinese = gap === '';
  let text = '';
  let inSentence = 0;
  // A character says more where words are not spaced out.
  const wanted = isChinese ? length / 3 : length;
  while (text.length < wanted) {
    const next = word(random);
    inSentence += 1;
    const ends = inSentence > 6 && random() < 0.12;
    text += next + (ends ? (isChinese ? '。' : random() < 0.2 ? '.\n\n' : '. ') : random() < 0.06 ? (isChinese ? '，' : ', ') : gap);
    if (ends) inSentence = 0;
  }
  return text;
}

function code({ identifier }: Languages, length: number, random: Random): string {
  let text = '';
  while (text.length < length) {
    const [one, two, three] = [identifier(random), identifier(random), identifier(random)];
    const indent = '  '.repeat(Math.floor(random() * 4));
    const forms = [
      `const ${one} = await ${two}.${three}(${identifier(random)}, { ${identifier(random)}: ${Math.floor(random() * 1000)} });`,
      `if (!${one}.${two}) throw new Error('${three}');`,
      `export function ${one}(${two}: string): ${three} {`,
      `return ${one}.map((${two}) => ${two}.${three});`,
      `// ${one} ${two}: ${three}`,
      `import { ${one} } from './${two}.ts';`,
      '}',
    ];
    text += `${indent}${pick(forms, random)}\n`;
  }
  return text;
}

function log({ identifier }: Languages, length: number, at: number, random: Random): string {
  let text = '';
  let clock = at;
  while (text.length < length) {
    clock += Math.floor(random() * 2000);
    const id = Math.floor(random() * 0xffffffff).toString(16);
    text += `${new Date(clock).toISOString()} ${pick(['INFO', 'INFO', 'INFO', 'WARN', 'ERROR'], random)} src/${identifier(random)}/${identifier(random)}.ts:${Math.floor(random() * 400)} ${identifier(random)} ${id} took ${Math.floor(random() * 900)} ms\n`;
  }
  return text;
}

const words = ({ english }: Languages, count: number, random: Random): string =>
  Array.from({ length: count }, () => english.word(random)).join(' ');

/** `index` names it; the same of the same seed. Messages come from a model of one conversation at a time, in the order of time. */
export function makeConversation(index: number, wanted: number, spoken: Languages, random: Random): Made {
  const isAgent = random() < 0.6;
  const source = pick(isAgent ? AGENTS : CHATS, random);
  const draw = random();
  const language: Vocabulary =
    draw < 0.7 ? spoken.english : draw < 0.8 ? spoken.german : draw < 0.87 ? spoken.chinese : draw < 0.95 ? spoken.russian : spoken.arabic;
  const [provider, model] = pick(MODELS, random);
  let at = END - Math.floor(random() * THREE_YEARS);
  const count = Math.min(wanted, size(isAgent ? 40 : 10, 0.8, 400, random) + 1);
  const messages: ArchivedMessage[] = [];
  let bytes = 0;
  const add = (role: ArchivedMessage['role'], parts: ArchivedPart[]): void => {
    at += Math.floor(random() * 60_000);
    const key = `m${messages.length}`;
    const before = messages.at(-1)?.key;
    messages.push({
      key,
      ...(before !== undefined && { parent: before }),
      role,
      at,
      parts,
      status: role === 'assistant' && random() < 0.01 ? 'interrupted' : 'complete',
      ...(role === 'assistant' && {
        producer: { provider, model },
        usage: { input: Math.floor(random() * 50_000), output: Math.floor(random() * 2000) },
      }),
    });
    for (const part of parts) {
      if (part.type === 'text' || part.type === 'reasoning') bytes += Buffer.byteLength(part.text);
      else if (part.type === 'tool-call') bytes += Buffer.byteLength(part.arguments);
      else if (part.type === 'tool-result')
        for (const inner of part.content) if (inner.type === 'text') bytes += Buffer.byteLength(inner.text);
    }
  };

  add('user', [{ type: 'text', text: prose(language, size(150, 1, 20_000, random), random) }]);
  while (messages.length < count) {
    const text = prose(language, size(isAgent ? 200 : 900, 0.9, 20_000, random), random);
    const block = random() < 0.25 ? `\n\`\`\`ts\n${code(spoken, size(500, 0.8, 8000, random), random)}\`\`\`\n` : '';
    if (isAgent && random() < 0.85) {
      const id = `call_${index}_${messages.length}`;
      const call = {
        description: words(spoken, 4, random),
        command: `cat src/${spoken.identifier(random)}.ts | grep ${spoken.identifier(random)}`,
      };
      const said: ArchivedPart[] = random() < 0.5 ? [{ type: 'text', text }] : [];
      const thought: ArchivedPart[] =
        random() < 0.2
          ? [
              {
                type: 'reasoning',
                text: prose(language, size(300, 0.8, 5000, random), random),
                producer: { dialect: 'anthropic-messages' },
              },
            ]
          : [];
      add('assistant', [...thought, ...said, { type: 'tool-call', id, name: pick(TOOLS, random), arguments: JSON.stringify(call) }]);
      const length = size(600, 1.5, 300_000, random);
      add('tool', [
        {
          type: 'tool-result',
          callId: id,
          isError: random() < 0.05,
          content: [{ type: 'text', text: random() < 0.6 ? code(spoken, length, random) : log(spoken, length, at, random) }],
        },
      ]);
    } else {
      add('assistant', [{ type: 'text', text: text + block }]);
      if (messages.length < count) add('user', [{ type: 'text', text: prose(language, size(120, 1, 20_000, random), random) }]);
    }
  }
  const last = messages.at(-1)?.at ?? at;
  return {
    head: {
      source,
      key: `bench-${index}`,
      title: random() < 0.7 ? prose(language, 40, random).trim() : '',
      createdAt: messages[0]?.at ?? at,
      updatedAt: last,
      ...(isAgent && { project: `/home/me/work/${spoken.identifier(() => random() * 0.4)}` }),
    },
    messages,
    bytes,
  };
}
