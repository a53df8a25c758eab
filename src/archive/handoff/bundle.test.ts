import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ArchivedMessage, ArchivedPart } from '../conversation.ts';
import { inTokens, shortened } from './budget.ts';
import { handoff } from './bundle.ts';
import type { HandoffInput } from './bundle.ts';
import { withoutSecrets } from './secrets.ts';

let number = 0;
const message = (
  role: ArchivedMessage['role'],
  parts: (ArchivedPart | string)[],
  more: Partial<ArchivedMessage> = {},
): ArchivedMessage => ({
  key: `m${number++}`,
  role,
  status: 'complete',
  parts: parts.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part)),
  ...more,
});
const call = (id: string, name: string, given: unknown): ArchivedPart => ({
  type: 'tool-call',
  id,
  name,
  arguments: typeof given === 'string' ? given : JSON.stringify(given),
});
const result = (callId: string, text: string, isError = false): ArchivedPart => ({
  type: 'tool-result',
  callId,
  isError,
  content: [{ type: 'text', text }],
});

const session: ArchivedMessage[] = [
  message('user', ['Make the parser accept tabs.']),
  message('assistant', [
    { type: 'reasoning', text: 'secret thoughts', producer: { dialect: 'anthropic-messages' } },
    'I look at it.',
    call('1', 'Read', { file_path: '/w/parser.ts' }),
  ]),
  message('user', [result('1', 'export const x = 1;\n'.repeat(2000))]),
  message('assistant', [call('2', 'Edit', { file_path: '/w/parser.ts', old_string: 'a', new_string: 'b' })]),
  message('user', [result('2', 'ok')]),
  message('user', ['Keep the old name, please.']),
  message('assistant', [
    call('3', 'TodoWrite', {
      todos: [
        { content: 'Accept tabs', status: 'completed' },
        { content: 'Write tests', status: 'in_progress' },
        { content: 'Changelog', status: 'pending' },
      ],
    }),
  ]),
  message('user', [result('3', 'ok')]),
  message(
    'assistant',
    ['Now the tests.', call('4', 'Write', { file_path: '/w/parser.test.ts', content: 'x' }), call('5', 'Bash', { command: 'npm test' })],
    { status: 'interrupted', producer: { provider: 'anthropic', model: 'claude-opus-5' } },
  ),
];

const input = (messages: readonly ArchivedMessage[], budget = 4000): HandoffInput => ({
  conversation: { title: 'Tabs', source: 'claude-code', project: '/w', status: 'interrupted' },
  messages,
  budget,
});

describe('what was handed over before', () => {
  const first = handoff({
    conversation: { title: 'Accept tabs', source: 'claude-code', status: 'complete' },
    messages: [message('user', ['Make the parser accept tabs.\n\n## Not a heading of ours'])],
    budget: 4000,
  }).markdown;

  it.each([
    ['as it was given', first, 'Take over “Accept tabs”: another assistant could not go on. This was put…'],
    ['in quotes, as opencode has it', `"${first}"`, '"Take over “Accept tabs”: another…'],
  ])('is called as it was, with the goal of its beginning: %s', (_how, text, title) => {
    const again = handoff({
      conversation: { title, source: 'codex', status: 'complete' },
      messages: [message('user', [text]), message('assistant', ['I go on.'])],
      budget: 4000,
    }).markdown;
    expect(again).toMatch(/^Take over “Accept tabs”: another assistant could not go on\. /);
    expect(again).toContain('## Goal, as first asked\n\nMake the parser accept tabs.\n');
  });

  it('is not made up: titles and questions of people stay theirs', () => {
    const { markdown } = handoff({
      conversation: { title: 'Take over “the world”', source: 'codex', status: 'complete' },
      messages: [message('user', ['Take over “the world”, please.\n\n## Goal, as first asked\n\nNo.'])],
      budget: 4000,
    });
    expect(markdown).toContain('## Goal, as first asked\n\nTake over “the world”, please.');
  });
});

describe('a hand-over', () => {
  const { markdown, work, tokens } = handoff({
    ...input(session),
    git: { branch: 'main', commit: 'abc1234 Parser', changes: [' M parser.ts'] },
  });

  it('tells goal, later wishes, steps, files, git and what is pending', () => {
    expect(markdown).toContain('## Goal, as first asked\n\nMake the parser accept tabs.');
    expect(markdown).toContain('- Keep the old name, please.');
    expect(markdown).toContain('- [x] Accept tabs\n- [ ] (under way) Write tests\n- [ ] Changelog');
    expect(markdown).toContain(
      '- /w/parser.test.ts (changed once; whether the last one took place is not known)\n- /w/parser.ts (changed once)',
    );
    expect(markdown).toContain('On main at abc1234 Parser; uncommitted:');
    expect(markdown).toContain('## Interrupted, result unknown\n\n- Write: /w/parser.test.ts\n- Bash: npm test');
    expect(markdown).toContain('From: claude-code (claude-opus-5)');
    expect(work.pending.map(({ id }) => id)).toEqual(['4', '5']);
  });

  it('tells the last turns as they were, without thoughts, long results shortened', () => {
    expect(markdown).toContain('### Assistant, claude-opus-5 (interrupted)\n\nNow the tests.');
    expect(markdown).not.toContain('secret thoughts');
    expect(markdown).toMatch(/\[… \d+ characters left out …\]/);
    expect(tokens).toBeLessThanOrEqual(4000);
  });

  it('does not count a change that failed, and reads patches', () => {
    const patch = '*** Begin Patch\n*** Update File: a.ts\n@@\n*** Add File: b.ts\n*** End Patch';
    const done = handoff(
      input([
        message('user', ['Do']),
        message('assistant', [call('1', 'Edit', { file_path: 'failed.ts' }), call('2', 'apply_patch', { input: patch })]),
        message('tool', [result('1', 'no match', true), result('2', 'done')]),
        message('assistant', [call('3', 'shell', { command: ['bash', '-lc', `apply_patch <<'E'\n${patch}\nE`] })]),
        message('tool', [result('3', 'done')]),
      ]),
    ).work;
    expect(done.files).toEqual([
      { path: 'a.ts', changes: 2, uncertain: false },
      { path: 'b.ts', changes: 2, uncertain: false },
    ]);
  });

  it('keeps to its budget, whatever was said, and always ends with what to do', () => {
    const part = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 3000 }),
      fc.record({ path: fc.string(), text: fc.string({ maxLength: 500 }) }).map(({ path, text }) => call('c', 'Write', { path, text })),
      fc.string({ maxLength: 4000 }).map((text) => result('c', text)),
    );
    const conversation = fc.array(
      fc
        .tuple(fc.constantFrom('user' as const, 'assistant' as const), fc.array(part, { maxLength: 4 }))
        .map(([role, parts]) => message(role, parts)),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(conversation, fc.integer({ min: 1500, max: 12_000 }), (messages, budget) => {
        const made = handoff(input(messages, budget));
        expect(made.tokens).toBeLessThanOrEqual(budget * 1.1);
        expect(made.markdown).toMatch(/finish what is open\.\n$/);
      }),
      { numRuns: 200 },
    );
  });
});

describe('secrets', () => {
  it.each([
    ['key sk-ant-api03-abcdefghijklmnop_QRST-uvwx', 'key [Anthropic key removed]'],
    ['OPENAI_API_KEY=sk-proj-abcdefghijklmnopqrstuvwx', 'OPENAI_API_KEY=[OpenAI key removed]'],
    ['postgres://me:hunter22@db/x', 'postgres://me:[password removed]@db/x'],
    ['Authorization: Bearer abcdefghijklmnop1234', 'Authorization: Bearer [bearer token removed]'],
    ['"password": "correct-horse-battery"', '"password": "[secret removed]"'],
    ['ghp_abcdefghijklmnopqrstuvwxyz0123456789', '[GitHub token removed]'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----', '[private key removed]'],
  ])('%s', (text, clean) => {
    expect(withoutSecrets(text).text).toBe(clean);
  });

  it.each([
    'password: string;',
    'apiKey: ${OPENAI_API_KEY}',
    'const secret = process.env.SECRET',
    'task-list-of-a-very-long-name',
    'a skip-link',
  ])('leaves %s', (text) => {
    expect(withoutSecrets(text)).toEqual({ text, removed: new Map() });
  });

  it('are taken out of a hand-over whole, also where it is shortened, and counted', () => {
    const key = 'sk-ant-api03-abcdefghijklmnopQRSTuvwx';
    const text = `${'line\n'.repeat(1500)}${key}\n${'more\n'.repeat(1500)}`;
    for (let budget = 1500; budget < 4000; budget += 137) {
      const made = handoff(
        input([message('user', [text]), message('assistant', [call('1', 'Bash', { command: `curl -H "x-api-key: ${key}"` })])], budget),
      );
      expect(made.markdown).not.toContain(key.slice(0, 14));
      expect(made.removed.get('Anthropic key')).toBeGreaterThan(0);
    }
  });
});

describe('shortening', () => {
  it('keeps both ends, says what is missing, breaks no character, and holds the limit', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', ' ', '\n', 'é', '語', '😀', 'ﬃ'), maxLength: 400 }),
        fc.integer({ min: 20, max: 120 }),
        (text, tokens) => {
          fc.pre(text.isWellFormed() && !text.includes('\uFFFD'));
          const short = shortened(text, tokens);
          expect(inTokens(short)).toBeLessThanOrEqual(tokens);
          expect(short.isWellFormed()).toBe(true);
          expect(short).not.toContain('\uFFFD');
        },
      ),
    );
  });
});
