import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ArchivedMessage, ConversationHead } from '../conversation.ts';
import { treeOf } from '../tree.ts';
import type { ToldConversation } from './book.ts';
import { LINE_FORMATS } from './formats.ts';
import type { LineFormat } from './line-reader.ts';
import { openReading, readWhole, type ReadingState } from './reading.ts';
import {
  claudeSession,
  claudeSubagent,
  codexSession,
  copilotSession,
  cursorSession,
  geminiSession,
  piSession,
  qwenSession,
  SESSIONS,
  type BuiltSession,
} from './testing/sessions.ts';

interface Kept {
  head: ConversationHead;
  messages: Map<string, ArchivedMessage>;
}

/** Puts what is told together as the archive does. */
function together(all: Map<string, Kept>, told: readonly ToldConversation[]): Map<string, Kept> {
  for (const { head, messages } of told) {
    const kept = all.get(head.key) ?? { head, messages: new Map<string, ArchivedMessage>() };
    kept.head = head;
    for (const message of messages) kept.messages.set(message.key, structuredClone(message));
    all.set(head.key, kept);
  }
  return all;
}

function formatOf({ text, path }: Pick<BuiltSession, 'text' | 'path'>): LineFormat {
  const format = LINE_FORMATS.find((each) => each.recognises(text.slice(0, 65_536), path));
  if (!format) throw new Error(`${path} is not recognised`);
  return format;
}

function readAll(session: BuiltSession): { conversations: Map<string, Kept>; state: ReadingState; skipped: string[] } {
  const reading = openReading(formatOf(session), { path: session.path });
  reading.read([Buffer.from(session.text)]);
  reading.finish();
  const conversations = together(new Map(), reading.told());
  return { conversations, state: reading.state(), skipped: reading.skipped('s').map(({ reason }) => reason) };
}

function only(session: BuiltSession): { head: ConversationHead; messages: ArchivedMessage[]; skipped: string[]; state: ReadingState } {
  const { conversations, ...rest } = readAll(session);
  expect(conversations.size).toBe(1);
  const [{ head, messages }] = [...conversations.values()] as [Kept];
  return { head, messages: [...messages.values()], ...rest };
}

const outline = (messages: readonly ArchivedMessage[]): string[] =>
  messages.map(
    ({ key, parent, role, parts, hidden }) =>
      `${hidden ? '(' : ''}${role} ${key}${parent === undefined ? '' : ` < ${parent}`}: ${parts.map(({ type }) => type).join(' ')}${hidden ? ')' : ''}`,
  );

describe('each CLI', () => {
  it('is recognised by what its lines say', () => {
    for (const session of SESSIONS) expect([session.path, formatOf(session).source]).toEqual([session.path, session.source]);
    const strangers = ['', '{}\n', '[]', '{"a":1}\n{"b":2}\n', 'plain text', '{"type":"user"}\n', '{"role":"user","content":"x"}\n'];
    for (const text of strangers) for (const format of LINE_FORMATS) expect(format.recognises(text, 'a/b.jsonl')).toBe(false);
  });

  it('Claude Code: lines of one answer are one message, branches and interruptions are seen', () => {
    const { head, messages, skipped, state } = only(claudeSession());
    expect(head).toMatchObject({
      key: '6a8f1008-2b4b-4178-b2fe-966f532af563',
      session: '6a8f1008-2b4b-4178-b2fe-966f532af563',
      title: 'The test',
      project: '/w/app',
      branch: 'main',
    });
    expect(outline(messages)).toEqual([
      'user u1: text',
      'assistant msg_1 < u1: reasoning tool-call tool-call',
      'tool r1 < msg_1: tool-result',
      'tool r2 < msg_1: tool-result',
      'assistant msg_2 < r2: text',
      'user u2 < msg_2: text file',
      'assistant msg_3 < u2: text',
      'user u3 < msg_3: text',
      '(user u4 < u3: text)',
      'user u5 < msg_2: text',
      'assistant e1 < u5: text',
    ]);
    const byKey = new Map(messages.map((message) => [message.key, message]));
    expect(byKey.get('msg_1')?.usage).toEqual({ input: 100, output: 20, cacheRead: 90 });
    expect(byKey.get('msg_1')?.producer).toEqual({ provider: 'anthropic', model: 'claude-opus-5-5' });
    expect(byKey.get('msg_3')?.status).toBe('interrupted');
    expect(byKey.get('e1')).toMatchObject({ extras: { apiError: 'server_error' } });
    expect(byKey.get('e1')?.producer).toBeUndefined();
    expect(treeOf(messages).leaves.map(({ key }) => key)).toEqual(['r1', 'u4', 'e1']);
    expect(skipped).toEqual(['1 of a kind that is not known here: of-next-year']);
    expect(state.counts.left).toEqual({ mode: 1, 'attachment environment': 1, 'system turn_duration': 1, 'system compact_boundary': 1 });
  });

  it("Claude Code: a sub-agent's lines are a conversation of their own", () => {
    const { head, messages } = only(claudeSubagent());
    expect(head).toMatchObject({
      key: '6a8f1008-2b4b-4178-b2fe-966f532af563/agent-ab12',
      // As its requests say it.
      session: '6a8f1008-2b4b-4178-b2fe-966f532af563/ab12',
      startedBy: { key: '6a8f1008-2b4b-4178-b2fe-966f532af563' },
    });
    expect(outline(messages)).toEqual(['user x1: text', 'assistant msg_x < x1: text']);
    const both = readAll({ ...claudeSession(), text: claudeSession().text + claudeSubagent().text });
    expect([...both.conversations.keys()]).toEqual([
      '6a8f1008-2b4b-4178-b2fe-966f532af563',
      '6a8f1008-2b4b-4178-b2fe-966f532af563/agent-ab12',
    ]);
  });

  it('Codex: items once, answers whole, what it puts in hidden', () => {
    const { head, messages, skipped } = only(codexSession());
    expect(head).toMatchObject({
      key: '01a204d5-2e6d-7e21-88d7-67a96fb19998',
      project: '/w/app',
      branch: 'main',
      extras: { version: '0.169.0' },
    });
    expect(outline(messages).map((line) => line.replaceAll(/-[0-9a-f]{20}/g, ''))).toEqual([
      '(system message: text)',
      '(user message < message: text)',
      'user message < message: text file',
      'assistant rs_1 < message: reasoning text tool-call tool-call',
      'tool function_call_output < rs_1: tool-result',
      'tool custom_tool_call_output < function_call_output: tool-result',
      '(system compacted < custom_tool_call_output: text)',
      'assistant message < compacted: text',
    ]);
    expect(messages[3]?.usage).toEqual({ input: 100, output: 9, cacheRead: 50, reasoning: 3 });
    expect(messages.at(-1)?.status).toBe('interrupted');
    expect(skipped).toEqual(['1 of a kind that is not known here: of_next_year']);
  });

  it('Gemini CLI: replaced lines, results once, what was rewound stays as a branch', () => {
    const { head, messages } = only(geminiSession());
    expect(head).toMatchObject({ key: '11f13330-30ca-436e-8bab-037baf7ec22e', title: 'Read a file', project: '/w/app', current: 'm7' });
    expect(outline(messages)).toEqual([
      '(user m0: text)',
      'user m1 < m0: text',
      'assistant m2 < m1: reasoning text tool-call',
      'tool m2/results < m2: tool-result',
      'user m4 < m2/results: text',
      'assistant m5 < m4: text',
      'user m6 < m2/results: text',
      '(system m7 < m6: text)',
    ]);
    expect(messages[2]?.usage).toEqual({ input: 10, output: 7, cacheRead: 2, reasoning: 3 });
  });

  it('Gemini CLI: a session that is one object reads as its lines would', () => {
    const old = {
      sessionId: 's',
      projectHash: 'p',
      startTime: '2024-01-01T10:00:00Z',
      lastUpdated: '2024-01-01T10:05:00Z',
      messages: [
        { id: 'u1', timestamp: '2024-01-01T10:00:00Z', type: 'user', content: 'Hello' },
        { id: 'a1', timestamp: '2024-01-01T10:00:05Z', type: 'gemini', content: 'Hi' },
      ],
    };
    const told = readWhole(LINE_FORMATS[1]!, { path: 'x/chats/session-1.json' }, JSON.stringify(old, null, 2))?.told();
    expect(told?.map(({ messages }) => outline(messages))).toEqual([['user u1: text', 'assistant a1 < u1: text']]);
    expect(readWhole(LINE_FORMATS[1]!, { path: 'x.json' }, '{"sessionId":')).toBeUndefined();
  });

  it('Qwen Code, Copilot CLI, pi, Cursor', () => {
    expect(outline(only(qwenSession()).messages)).toEqual([
      'user q1: text',
      'assistant q3 < q1: text tool-call',
      'tool q4 < q3: tool-result',
      'assistant q5 < q4: text',
    ]);
    const copilot = only(copilotSession());
    expect(outline(copilot.messages)).toEqual([
      'user e1: text',
      'assistant e3 < e1: reasoning text tool-call',
      'tool e4 < e3: tool-result',
      'assistant e5 < e4: text',
    ]);
    expect(copilot.messages[1]?.usage).toEqual({ input: 5, output: 3, reasoning: 1 });
    expect(copilot.messages[2]?.parts[0]).toMatchObject({ isError: true });
    const pi = only(piSession()).messages;
    expect(outline(pi)).toEqual([
      'user p2: text',
      'assistant p3 < p2: reasoning text tool-call',
      'tool p4 < p3: tool-result',
      'assistant p5 < p2: text',
      '(system p6 < p5: text)',
    ]);
    expect([pi[1]?.cost, pi[1]?.usage, pi[3]?.status]).toEqual([0.5, { input: 8, output: 2, cacheRead: 3, cacheWrite: 4 }, 'interrupted']);
    expect(outline(only(cursorSession()).messages)).toEqual(['user line-1: text', 'assistant line-2 < line-1: text tool-call']);
  });
});

describe('a transcript that grows', () => {
  const plain = (all: Map<string, Kept>): unknown => [...all].map(([key, { head, messages }]) => [key, head, [...messages.values()]]);

  it('reads the same whether at once or in pieces cut anywhere, with the state put away in between', () => {
    for (const session of SESSIONS) {
      const bytes = Buffer.from(session.text);
      const whole = plain(readAll(session).conversations);
      const format = formatOf(session);
      /** Where a cut left a reader: from the same state everything goes on alike. */
      const seen = new Set<string>();
      for (let cut = 0; cut <= bytes.length; cut++) {
        const first = openReading(format, { path: session.path });
        first.read([bytes.subarray(0, cut)]);
        const told = first.told();
        const state = JSON.stringify(first.state());
        if (seen.has(state)) continue;
        seen.add(state);
        const all = together(new Map(), told);
        const second = openReading(format, { path: session.path }, JSON.parse(state) as ReadingState);
        second.read([bytes.subarray(second.offset())]);
        expect(second.reachesBack()).toBe(false);
        together(all, second.told());
        expect([session.path, cut, plain(all)]).toEqual([session.path, cut, whole]);
      }
      expect(seen.size).toBe(session.text.split('\n').length);
    }
  }, 60_000);

  it('also in many pieces of any size', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SESSIONS), fc.array(fc.nat(400), { maxLength: 30 }), (session, steps) => {
        const bytes = Buffer.from(session.text);
        const format = formatOf(session);
        const all = new Map<string, Kept>();
        let state: ReadingState | undefined;
        let end = 0;
        for (const step of [...steps, bytes.length]) {
          end = Math.min(bytes.length, end + step);
          const reading = openReading(format, { path: session.path }, state);
          reading.read([bytes.subarray(reading.offset(), end)]);
          together(all, reading.told());
          state = JSON.parse(JSON.stringify(reading.state())) as ReadingState;
        }
        expect(plain(all)).toEqual(plain(readAll(session).conversations));
      }),
    );
  });

  it('says so when a line changes what was told long ago', () => {
    const session = claudeSession();
    const format = formatOf(session);
    const reading = openReading(format, { path: session.path });
    const filler = Array.from({ length: 40 }, (_, index) =>
      JSON.stringify({
        type: 'user',
        uuid: `f${index}`,
        parentUuid: index === 0 ? 'a6' : `f${index - 1}`,
        sessionId: 'x',
        message: { role: 'user', content: 'more' },
      }),
    );
    reading.read([Buffer.from(`${session.text}${filler.join('\n')}\n`)]);
    reading.told();
    reading.read([
      Buffer.from(
        `${JSON.stringify({ type: 'assistant', uuid: 'late', parentUuid: 'a3', sessionId: 'x', message: { id: 'msg_1', role: 'assistant', content: [{ type: 'text', text: 'late' }] } })}\n`,
      ),
    ]);
    expect(reading.reachesBack()).toBe(true);
  });

  it('waits for a last line that has no end, and tells it when nothing more comes', () => {
    const session = qwenSession();
    const torn = openReading(formatOf(session), { path: session.path });
    torn.read([Buffer.from(session.text.slice(0, -20))]);
    expect([torn.isTorn(), torn.skipped('s')]).toEqual([true, []]);
    torn.finish();
    expect(torn.skipped('s').map(({ reason }) => reason)).toEqual(['a line that is cut off at the end of the file']);
    const unended = openReading(formatOf(session), { path: session.path });
    unended.read([Buffer.from(session.text.trimEnd())]);
    unended.finish();
    expect(unended.told()[0]?.messages).toHaveLength(4);
  });

  it('never throws, and never is silent, for lines of any content', () => {
    const line = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constantFrom(...SESSIONS.flatMap(({ text }) => text.split('\n'))).chain((text) => fc.nat(text.length).map((at) => text.slice(at))),
    );
    const found = fc.check(
      fc.property(fc.constantFrom(...LINE_FORMATS), fc.array(line, { maxLength: 20 }), (format, lines) => {
        const reading = openReading(format, { path: 'x/y.jsonl' });
        reading.read([Buffer.from(`${lines.join('\n')}\n`)]);
        const told = reading.told();
        const { counts } = reading.state();
        const full = lines
          .join('\n')
          .split('\n')
          .filter((text) => text.replaceAll('\0', '').trim() !== '');
        const counted = [...Object.values(counts.left), ...Object.values(counts.unknown)].reduce((sum, count) => sum + count, 0);
        return full.length === 0 || told.length + counted > 0;
      }),
      { numRuns: 500 },
    );
    expect(fc.defaultReportMessage(found)).toBeUndefined();
  });
});

const SHARED = join(import.meta.dirname, '../../../../shared/fixtures');

describe.runIf(existsSync(SHARED))('fixtures of other projects', () => {
  /** Counted by hand and by the lines' own types: user, assistant with an id of their own, results. */
  const expected: Record<string, [conversations: number, messages: number, skipped: number]> = {
    'agentsview-MIT/internal/parser/testdata/claude/queued_system_messages.jsonl': [1, 3, 0],
    'agentsview-MIT/internal/parser/testdata/claude/tool_call_pending.jsonl': [1, 2, 0],
    'agentsview-MIT/internal/parser/testdata/claude/truncated.jsonl': [1, 2, 1],
    'agentsview-MIT/internal/parser/testdata/claude/valid_session.jsonl': [1, 4, 0],
    'agentsview-MIT/internal/parser/testdata/codex/blockquotes_session.jsonl': [1, 2, 0],
    'agentsview-MIT/internal/parser/testdata/codex/fc_args_1.jsonl': [1, 2, 0],
    'agentsview-MIT/internal/parser/testdata/codex/fc_args_2.jsonl': [1, 2, 0],
    'agentsview-MIT/internal/parser/testdata/codex/fc_stdin.jsonl': [1, 2, 0],
    'agentsview-MIT/internal/parser/testdata/codex/function_calls.jsonl': [1, 2, 0],
    'agentsview-MIT/internal/parser/testdata/codex/standard_session.jsonl': [1, 2, 0],
    'agentsview-MIT/internal/parser/testdata/traex/rollout_subagent.jsonl': [1, 8, 0],
    'agentsview-MIT/internal/parser/testdata/gemini/standard_session.json': [1, 4, 0],
    'agentsview-MIT/internal/parser/testdata/gemini/system_messages.json': [1, 3, 0],
    'agentsview-MIT/internal/parser/testdata/gemini/thinking_only.json': [1, 2, 0],
    'agentsview-MIT/internal/parser/testdata/gemini/tool_calls.json': [1, 2, 0],
    'agentsview-MIT/internal/parser/testdata/gemini/tool_calls_with_results.json': [1, 3, 0],
    'agentsview-MIT/internal/parser/testdata/pi/session.jsonl': [1, 6, 2],
    'claude-code-transcripts-Apache2/tests/sample_session.jsonl': [1, 7, 0],
    'synthetic/codex/rollout-2026-11-01T10-00-00-88888888-8888-7888-8888-888888888888.jsonl': [1, 6, 1],
    'synthetic/gemini-cli/session-2026-11-01T10-00-77777777.jsonl': [1, 4, 0],
  };

  it('are all read', () => {
    const found = globSync(
      [
        'agentsview-MIT/internal/parser/testdata/{claude,codex,gemini,pi,traex}/*',
        'claude-code-transcripts-Apache2/tests/*.jsonl',
        'synthetic/{codex,gemini-cli}/*',
      ],
      { cwd: SHARED },
    );
    const read: Record<string, [number, number, number]> = {};
    for (const path of found) {
      const text = readFileSync(join(SHARED, path), 'utf8');
      const format = formatOf({ text, path });
      const reading = path.endsWith('.json') ? readWhole(format, { path }, text)! : openReading(format, { path });
      if (!path.endsWith('.json')) reading.read([Buffer.from(text)]);
      reading.finish();
      const told = reading.told();
      read[path] = [told.length, told.reduce((sum, { messages }) => sum + messages.length, 0), reading.skipped(path).length];
    }
    expect(read).toEqual(expected);
  });
});
