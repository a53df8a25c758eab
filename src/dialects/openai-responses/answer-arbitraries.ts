/** What the property tests of answers are fed with: everything that this dialect can say in one. */
import fc from 'fast-check';
import type { AnswerEvent, FinishReason, PartHead } from '../../exchange/event.ts';
import type { Usage } from '../../exchange/usage.ts';
import { argumentsText, base64, callId, pieces, scriptedText, text, toolName, type ScriptedPart } from '../arbitraries.ts';
import { PRODUCER } from './wire.ts';

const reasoning: fc.Arbitrary<ScriptedPart> = fc
  .record({ words: text.chain(pieces), signature: fc.option(base64) })
  .map(({ words, signature }) => ({
    head: { type: 'reasoning', producer: PRODUCER },
    deltas: [
      ...words.map((piece) => ({ type: 'text' as const, text: piece })),
      ...(signature === null ? [] : [{ type: 'signature' as const, signature }]),
    ],
  }));

const refusal: fc.Arbitrary<ScriptedPart> = scriptedText.map(({ deltas }) => ({ head: { type: 'refusal' }, deltas }));

const webSearch: fc.Arbitrary<ScriptedPart> = base64.map((id) => ({
  head: { type: 'opaque', producer: PRODUCER, value: { id: `ws_${id}`, type: 'web_search_call', status: 'in_progress' } },
  deltas: [
    { type: 'opaque', producer: PRODUCER, value: { type: 'response.web_search_call.searching' } },
    {
      type: 'opaque',
      producer: PRODUCER,
      value: { type: 'response.output_item.done', item: { status: 'completed', action: { type: 'search' } } },
    },
  ],
}));

const called: fc.Arbitrary<{ head: Omit<PartHead & { type: 'tool-call' }, 'id'>; json: string }> = fc.oneof(
  fc.record({ name: toolName, namespace: fc.option(toolName), json: argumentsText }).map(({ name, namespace, json }) => ({
    head: { type: 'tool-call' as const, name, ...(namespace !== null && { namespace }) },
    json,
  })),
  fc.record({ name: toolName, input: fc.string({ unit: 'binary' }) }).map(({ name, input }) => ({
    head: { type: 'tool-call' as const, name, kind: 'custom' as const },
    json: JSON.stringify({ input }),
  })),
  fc.array(text, { maxLength: 3 }).map((command) => ({
    head: { type: 'tool-call' as const, name: 'local_shell', kind: 'local-shell' as const },
    json: JSON.stringify({ type: 'exec', command, env: {} }),
  })),
  fc.array(text, { maxLength: 3 }).map((commands) => ({
    head: { type: 'tool-call' as const, name: 'shell', kind: 'shell' as const },
    json: JSON.stringify({ commands, max_output_length: null, timeout_ms: 5 }),
  })),
  text.map((diff) => ({
    head: { type: 'tool-call' as const, name: 'apply_patch', kind: 'apply-patch' as const },
    json: JSON.stringify({ type: 'update_file', path: 'a.txt', diff }),
  })),
);

const call: fc.Arbitrary<ScriptedPart> = fc
  .tuple(callId, called)
  .chain(([id, { head, json }]) =>
    pieces(json).map((parts) => ({ head: { ...head, id }, deltas: parts.map((piece) => ({ type: 'arguments' as const, json: piece })) })),
  );

const usage: fc.Arbitrary<Usage> = fc.record({
  input: fc.nat(1000),
  output: fc.nat(1000),
  cacheRead: fc.nat(1000),
  cacheWrite: fc.nat(1000),
  reasoning: fc.nat(1000),
});

/** Complete answers, part after part. */
export const answer: fc.Arbitrary<AnswerEvent[]> = fc
  .record({
    id: fc.stringMatching(/^resp_[a-z0-9]{1,8}$/),
    model: fc.stringMatching(/^[a-z0-9.-]{1,12}$/),
    created: fc.nat(2_000_000_000),
    parts: fc.array(fc.oneof({ weight: 3, arbitrary: scriptedText }, { weight: 2, arbitrary: call }, reasoning, refusal, webSearch), {
      maxLength: 5,
    }),
    finish: fc.constantFrom<FinishReason>('stop', 'length', 'content-filter'),
    usage,
  })
  .map(({ id, model, created, parts, finish, usage: counts }) => {
    const events: AnswerEvent[] = [{ type: 'start', id, model, created }];
    let calls = false;
    for (const [index, { head, deltas }] of parts.entries()) {
      // No id comes twice in an answer.
      const part = head.type === 'tool-call' ? { ...head, id: `${head.id}${index}` } : distinct(head, index);
      calls = head.type === 'tool-call' || (calls && head.type !== 'text' && head.type !== 'refusal');
      events.push({ type: 'part-start', index, part });
      for (const delta of deltas) events.push({ type: 'part-delta', index, delta });
      events.push({ type: 'part-end', index });
    }
    events.push({ type: 'finish', reason: finish === 'stop' && calls ? 'tool-calls' : finish }, { type: 'usage', usage: counts });
    return events;
  });

function distinct(head: PartHead, index: number): PartHead {
  if (head.type !== 'opaque' || typeof head.value !== 'object' || head.value === null || Array.isArray(head.value)) return head;
  return { ...head, value: { ...head.value, id: `${String(head.value.id)}${index}` } };
}
