/** A conversation, however it branches, is read out of its exchanges as the tree that it was, in all four dialects. */
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { DialectName } from '../../exchange/dialect-name.ts';
import type { Part, ToolCallPart } from '../../exchange/part.ts';
import type { Message } from '../../exchange/request.ts';
import { conversationId } from '../ids.ts';
import { bare } from './form.ts';
import { findConversation, messagesOf } from '../store/read.ts';
import { requestOf, seen, talk } from './testing/talk.ts';

const room = talk();
afterAll(() => room[Symbol.dispose]());

/** What a client does next. `at`: which of the places where it could go on. */
interface Step {
  at: number;
  move: 'go on' | 'edit' | 'retry';
  /** What comes of it. */
  answer: 'text' | 'calls' | 'two texts' | 'cut' | 'nothing';
  /** How the client sends what it has back: each bit one of its habits. */
  habits: number;
}

const steps = fc.array(
  fc.record<Step>({
    at: fc.nat(1000),
    move: fc.constantFrom('go on', 'go on', 'go on', 'edit', 'retry'),
    answer: fc.constantFrom('text', 'calls', 'two texts', 'text', 'cut', 'nothing'),
    habits: fc.nat(255),
  }),
  { minLength: 1, maxLength: 14 },
);

interface Node {
  label: string;
  parent: Node | undefined;
  parts: Part[];
  role: 'user' | 'assistant' | 'tool';
  cut?: boolean;
}

const SPACES = [' ', '\n', '  ', ''];

/** History as a client sends it back: none of this is the user's doing. */
function sentBack(node: Node, habits: number): Part[] {
  return node.parts.flatMap((part): Part[] => {
    if (node.role !== 'assistant') {
      if (part.type !== 'text' || (habits & 1) === 0) return [part];
      return [{ type: 'text', text: `<system-reminder>\n${habits} things to remember\n</system-reminder>` }, part];
    }
    if (part.type === 'text') {
      const text = node.cut && (habits & 8) !== 0 ? part.text.slice(0, -3) : part.text;
      return [{ type: 'text', text: (habits & 2) === 0 ? text : `${text.trim()}${SPACES[habits & 3]}` }];
    }
    if (part.type !== 'tool-call') return [part];
    const given = JSON.parse(part.arguments) as Record<string, unknown>;
    const turned = (habits & 4) === 0 ? given : Object.fromEntries(Object.entries(given).toReversed());
    return [{ ...part, arguments: JSON.stringify(turned) }];
  });
}

test.each(['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini'] satisfies DialectName[])(
  '%s',
  (dialect) => {
    let session = 0;
    fc.assert(
      fc.property(steps, (script) => {
        session += 1;
        const name = `${dialect}-${session}`;
        const nodes: Node[] = [];
        let count = 0;
        const word = (): string => `word${String((count += 1)).padStart(4, '0')}x`;

        function add(node: Node): Node {
          const same = nodes.find((each) => each.parent === node.parent && each.label === node.label);
          if (!same) nodes.push(node);
          return same ?? node;
        }
        function pathTo(node: Node | undefined): Node[] {
          return node ? [...pathTo(node.parent), node] : [];
        }

        function answer(question: Node, { answer: kind, habits }: Step): void {
          const history: Message[] = pathTo(question).map((node) => ({
            role: node.role === 'assistant' ? 'assistant' : 'user',
            parts: sentBack(node, habits),
          }));
          const text: Part = { type: 'text', text: `${word()} and so on` };
          const call = (): ToolCallPart => ({
            type: 'tool-call',
            id: `call_${word()}`,
            name: 'look',
            arguments: `{"what":"${word()}","where":[1,2]}`,
          });
          const parts: Part[] =
            kind === 'nothing'
              ? []
              : kind === 'calls'
                ? [text, call(), call()]
                : kind === 'two texts'
                  ? [text, { type: 'text', text: word() }]
                  : [text];
          const fault = { class: 'provider-fault', symptom: 'reset', message: 'broke off' } as const;
          room.ask(dialect, requestOf(history), parts, {
            session: name,
            ...((kind === 'cut' || kind === 'nothing') && { outcome: { type: 'failed', fault, committed: kind === 'cut' } }),
          });
          if (parts.length > 0)
            add({ label: seen({ parts: parts as never }), parent: question, parts, role: 'assistant', cut: kind === 'cut' });
        }

        function goOn(from: Node | undefined): Node {
          const calls = from?.parts.filter((part) => part.type === 'tool-call') ?? [];
          if (calls.length === 0) {
            const text = word();
            return add({ label: text, parent: from, parts: [{ type: 'text', text }], role: 'user' });
          }
          const parts = calls.map((part): Part => ({
            type: 'tool-result',
            callId: part.id,
            content: [{ type: 'text', text: word() }],
            isError: false,
          }));
          return add({ label: seen({ parts: parts as never }), parent: from, parts, role: 'tool' });
        }

        for (const step of script) {
          const answers = nodes.filter(({ role }) => role === 'assistant');
          const questions = nodes.filter(({ role }) => role !== 'assistant');
          const from = answers[step.at % Math.max(1, answers.length)];
          const question = questions[step.at % Math.max(1, questions.length)];
          if (step.move === 'retry' && question) answer(question, step);
          else if (step.move === 'edit' && question?.role === 'user') answer(goOn(question.parent), step);
          // Calls have their results once; what comes of them may be asked for again.
          else if (from?.parts.some(({ type }) => type === 'tool-call')) {
            answer(nodes.find(({ parent }) => parent === from) ?? goOn(from), step);
          } else answer(goOn(from), step);
        }

        const id = conversationId('understudy', name);
        const read = [...messagesOf(room.archive, id)];
        const byKey = new Map(read.map((message) => [message.key, message]));
        // Some dialects tell two texts that follow each other as one.
        const clean = (message: (typeof read)[number]): string =>
          bare(seen(message).replace(/<system-reminder>[\s\S]*?<\/system-reminder>/g, ''));
        const told = read
          .map(
            (message) => `${message.role}: ${message.parent === undefined ? '' : clean(byKey.get(message.parent)!)} -> ${clean(message)}`,
          )
          .toSorted();
        const expected = nodes.map(({ role, parent, label }) => `${role}: ${bare(parent?.label ?? '')} -> ${bare(label)}`).toSorted();
        expect(told).toEqual(expected);
        const leaves = nodes.filter((node) => !nodes.some(({ parent }) => parent === node)).length;
        expect(findConversation(room.archive, id)).toMatchObject({ messages: nodes.length, branches: leaves });
      }),
      { numRuns: 25 },
    );
  },
  60_000,
);
