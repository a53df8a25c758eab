import { crc32, deflateSync } from 'node:zlib';
import type { ArchivedMessage, ArchivedPart, ConversationHead } from '../../../archive/conversation.ts';
import type { Archive } from '../../../archive/store/open.ts';
import { keepOriginal } from '../../../archive/store/originals.ts';
import { putInto } from '../../../archive/store/put.ts';

/** What a page would have to show if any of this ran or were loaded: `window.ran`, or a request to this host. */
export const CANARY_HOST = 'canary.example';

const HOSTILE = [
  `<script>window.ran = 'script'</script>`,
  `<img src=x onerror="window.ran = 'error'">`,
  `<svg onload="window.ran = 'svg'"></svg>`,
  `<iframe src="http://${CANARY_HOST}/frame"></iframe>`,
  `<link rel=stylesheet href="http://${CANARY_HOST}/style.css"><style>body { background: url(http://${CANARY_HOST}/b.png) }</style>`,
  `<meta http-equiv=refresh content="0;url=http://${CANARY_HOST}/away">`,
  `![pixel](http://${CANARY_HOST}/pixel.png)`,
  `[click](javascript:window.ran='link')`,
  `</code></pre></main><script>window.ran = 'closed'</script>`,
  '```html"><script>window.ran="fence"</script>\n</pre><script>window.ran = "code"</script>\n```',
].join('\n\n');

const PROSE = `Three things decide it:

1. **Latency.** A cache in the same rack answers in *0.2 ms*; one across the sea in 90.
2. **Cost.** See [the prices](https://prices.example/list?a=1&b=2) and \`terraform plan\`.
   - reserved
   - on demand
3. ~~Habit.~~

> A quotation, which goes on for longer than one line so that its border is seen next to more than one line of text.

- [x] measured
- [ ] decided

---

### A heading within an answer

${'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'.repeat(2)} and https://example.com/${'a'.repeat(120)}?q=1`;

const TABLE = `| region | median (ms) | 99th (ms) | requests | errors | note |
|:--|--:|--:|--:|:-:|---|
| eu-central-1 | 12.4 | 48.1 | 1,204,551 | 0 | the usual |
| us-east-1 | 14.9 | 1,203.7 | 9,871,003 | 312 | the outage of 2 June, from 06:05 to 11:49 UTC, is in it |
| ap-southeast-2 | 33.0 | 91.2 | 88,120 | 1 | \`p99\` by [this](https://example.com) |`;

const CODE = `Here it is, as \`src/lines.ts\`:

\`\`\`ts
/** Splits at line ends, whatever they are, and keeps the last line when nothing ends it; this comment is long on purpose, to be wider than any page. */
export function* lines(text: string): Generator<string> {
\tlet from = 0;
\tfor (const { index } of text.matchAll(/\\r?\\n/g)) {
\t\tyield text.slice(from, index);
\t\tfrom = index + 1;
\t}
}
\`\`\`

\`\`\`
no language
\`\`\``;

/** Arabic, Hebrew with a left-to-right word in it, and code between. */
const RIGHT_TO_LEFT = `مرحبا! كيف يمكنني مساعدتك اليوم؟ هذه فقرة أطول قليلاً حتى تمتد على أكثر من سطر واحد في الصفحة.

- أولاً: افتح الملف \`config.yaml\`
- ثانياً: اكتب \`npm start\`

> اقتباس

\`\`\`sh
echo "left to right"
\`\`\`

שלום, הפונקציה \`parse()\` מחזירה 42.`;
const CJK = `日本語の段落です。禁則処理と折り返しを確かめるために、十分に長い文章にしてあります。句読点は行頭に来ません。

| 項目 | 値 |
|---|---|
| 速度 | 速い |

中文：缓存失效是计算机科学中最难的两件事之一。한국어 문장도 있습니다.`;
const EMOJI = '👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 ✅ 🇦🇶 — and ∑ᵢ xᵢ² ≤ ½, “quotes”, naïve café, e\u0301, zero\u200bwidth.';

const text = (value: string): ArchivedPart => ({ type: 'text', text: value });
const JUNE = Date.UTC(2026, 5, 2, 6, 5);

/** Puts into an archive a conversation of every kind that an export has to show; returns their ids by kind. */
export function putTellingConversations(archive: Archive): Record<'kinds' | 'tools' | 'words' | 'hostile' | 'long', string> {
  const put = putInto(archive);
  const picture = keepOriginal(archive, png(640, 360), { keptAt: 0 });
  const archived = keepOriginal(archive, Buffer.from('PK'), { keptAt: 0 });
  const add = (key: string, head: Partial<ConversationHead>, messages: Omit<ArchivedMessage, 'key'>[], chained = true): string =>
    put.conversation(
      { source: 'chatgpt', key, createdAt: JUNE, updatedAt: JUNE + 60_000, ...head },
      messages.map((message, index) => ({
        key: String(index + 1),
        ...(chained && index > 0 && { parent: String(index) }),
        at: JUNE + index * 1000,
        ...message,
      })),
    ).id;
  const said = (
    role: ArchivedMessage['role'],
    parts: ArchivedPart[],
    more: Partial<ArchivedMessage> = {},
  ): Omit<ArchivedMessage, 'key'> => ({
    role,
    parts,
    status: 'complete',
    ...more,
  });
  const claude = { producer: { provider: 'anthropic', model: 'claude-opus-5' } };

  const kinds = add('kinds', { title: 'Caches: which, where and why', current: '4' }, [
    said('user', [text('Which cache should we take?\n\nOur service runs in two regions.')]),
    said('assistant', [{ type: 'reasoning', text: 'They ask for **advice**.', producer: { dialect: 'anthropic-messages' } }, text(PROSE)], {
      parent: '1',
      ...claude,
    }),
    said('user', [text('As a table, please.'), { type: 'file', name: 'notes.txt', content: { type: 'text', text: 'eu: 12 ms' } }], {
      parent: '2',
    }),
    said('assistant', [text(TABLE), text('That is all.\n\nOr is it? This was written by somebody else.')], {
      parent: '3',
      ...claude,
      seams: [{ part: 1, offset: 14, from: 'anthropic/claude-opus-5', to: 'openai/gpt-5.6', join: 'anchor' }],
    }),
    said('user', [text('As code, please.')], { parent: '2' }),
    said('assistant', [text(CODE)], { parent: '5', producer: { provider: 'openai', model: 'gpt-5.6' } }),
    said('assistant', [text('It began well, and then')], { parent: '5', status: 'interrupted', ...claude }),
  ]);
  const tools = add('tools', { source: 'claude-code', title: 'Rename the parser', project: '/home/ada/projects/parser' }, [
    said('user', [
      text('Rename the parser'),
      { type: 'file', name: 'screen.png', mediaType: 'image/png', content: { type: 'stored', ...picture } },
    ]),
    said(
      'assistant',
      [
        text('I look first.'),
        { type: 'tool-call', id: 'a', name: 'Bash', arguments: '{"command":"git grep -n parse","description":"Where it is"}' },
      ],
      claude,
    ),
    said('tool', [
      { type: 'tool-result', callId: 'a', isError: false, content: [{ type: 'text', text: `${'src/a.ts:1: parse(\n'.repeat(60)}` }] },
    ]),
    said(
      'assistant',
      [{ type: 'tool-call', id: 'b', name: 'Edit', arguments: '{"file_path":"src/a.ts","old_string":"parse","new_string":"read"}' }],
      claude,
    ),
    said('tool', [{ type: 'tool-result', callId: 'b', isError: true, content: [{ type: 'text', text: 'Error: not unique' }] }]),
    said('assistant', [{ type: 'tool-call', id: 'c', name: 'Bash', arguments: '{"command":"git mv' }], {
      status: 'interrupted',
      ...claude,
    }),
    said('user', [
      { type: 'file', name: 'all.zip', mediaType: 'application/zip', content: { type: 'stored', ...archived } },
      { type: 'file', name: 'lost.pdf', content: { type: 'missing', reason: 'not among the export’s files' } },
      { type: 'file', name: 'paper', content: { type: 'link', url: 'https://example.com/paper' } },
    ]),
  ]);
  const words = add('words', { source: 'gemini-takeout', title: 'مرحبا · 日本語 · 👋' }, [
    said('user', [text('مرحبا')]),
    said('assistant', [text(RIGHT_TO_LEFT)], { producer: { provider: 'google', model: 'gemini-3.1-pro' } }),
    said('user', [text('日本語でお願いします')]),
    said('assistant', [text(CJK)]),
    said('assistant', [text(EMOJI)]),
  ]);
  const hostile = add('hostile', { title: `<script>window.ran = 'title'</script>`, project: `"><script>window.ran = 'project'</script>` }, [
    said('user', [text(HOSTILE), { type: 'file', name: HOSTILE, content: { type: 'link', url: `javascript:window.ran='file'` } }]),
    said('assistant', [text(HOSTILE), { type: 'tool-call', id: 'a', name: HOSTILE, arguments: HOSTILE }], { producer: { model: HOSTILE } }),
    said('tool', [{ type: 'tool-result', callId: 'a', isError: false, content: [{ type: 'text', text: HOSTILE }] }]),
  ]);
  const questions = Array.from({ length: 40 }, (_, index) => [
    said('user', [text(`Question ${index + 1}: and then?`)]),
    said(
      'assistant',
      [text(`Answer ${index + 1}. ${'It goes on as it began, a sentence at a time. '.repeat(6)}\n\n\`\`\`sh\n./step ${index + 1}\n\`\`\``)],
      claude,
    ),
  ]);
  const long = add('long', { title: 'Forty questions' }, questions.flat());
  return { kinds, tools, words, hostile, long };
}

/** A picture of so many pixels: colours that run from one corner to the other. */
function png(width: number, height: number): Buffer {
  const rows = Buffer.alloc(height * (1 + width * 3));
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) rows.set([(x * 255) / width, (y * 255) / height, 128].map(Math.floor), y * (1 + width * 3) + 1 + x * 3);
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits, red, green and blue.
  header.set([8, 2], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
