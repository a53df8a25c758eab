/** Where the AI SDK's provider and we read another message from the same bytes, and why. */
import type { Message, Reader } from './vercel.ts';

export interface Explained {
  reader: Reader;
  /** Of the recording's source and file. */
  name: RegExp;
  /** What differs; `throws`: the provider reads nothing. */
  what: keyof Message | 'throws';
  why: string;
}

const SHELL =
  'their client tools: steps that OpenAI ran in its own container come as calls, whose fields are renamed and whose nulls are left out';
const XAI_COUNT = 'xAI counts reasoning beside `completion_tokens`; its total and its bill have both, and so have we';

export const EXPLAINED: readonly Explained[] = [
  {
    reader: 'openai chat',
    name: /./,
    what: 'thoughts',
    why: "OpenAI's chat has no reasoning, so its provider reads none; `openai-compatible` reads what we read",
  },
  { reader: 'openai chat', name: /xai-/, what: 'output', why: XAI_COUNT },
  { reader: 'openai-compatible', name: /xai-/, what: 'output', why: XAI_COUNT },
  {
    reader: 'openai chat',
    name: /^mistral\/mistral-(reasoning|tool-call)/,
    what: 'throws',
    why: "Mistral's lists as content and calls without `type` are not OpenAI's",
  },
  {
    reader: 'anthropic',
    name: /compaction/,
    what: 'text',
    why: "a compaction is text to them; to us it is Anthropic's own block, which no other client is shown as an answer",
  },
  {
    reader: 'anthropic',
    name: /compaction/,
    what: 'input',
    why: 'they add up the iterations; we tell what Anthropic tells of the answer itself, and keep the iterations in the raw usage',
  },
  { reader: 'anthropic', name: /compaction/, what: 'output', why: 'the same of what was written' },
  {
    reader: 'openai responses',
    name: /lmstudio/,
    what: 'thoughts',
    why: 'they read summaries of reasoning only; LM Studio gives the reasoning itself (`reasoning_text`)',
  },
  {
    reader: 'openai responses',
    name: /client-tool-search/,
    what: 'calls',
    why: "a tool search that the client runs: to us OpenAI's own item, since no other dialect can have such a tool",
  },
  { reader: 'openai responses', name: /client-tool-search/, what: 'stop', why: 'so there is no call that the answer waits for' },
  {
    reader: 'openai responses',
    name: /openai-phase/,
    what: 'text',
    why: 'deltas that were cut out of the recording: we take what is missing from the end, which repeats the text',
  },
  { reader: 'openai responses', name: /openai-shell-(container|skills|tool)/, what: 'calls', why: SHELL },
  { reader: 'openai responses', name: /openai-shell-(container|skills)/, what: 'stop', why: SHELL },
  {
    reader: 'openai responses',
    name: /^xai\/xai-(code-execution|file-search|web-search|x-search)/,
    what: 'throws',
    why: "xAI's items and annotations are not OpenAI's",
  },
];
