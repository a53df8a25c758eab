import { expect, it } from 'vitest';
import { dialectOf } from '../dialects/all.ts';
import type { AnswerEvent } from '../exchange/event.ts';
import type { JsonObject } from '../exchange/json.ts';
import { openingOf } from '../journal/testing/entries.ts';
import { summaryOf } from '../journal/summary.ts';
import { withoutContent } from '../journal/redact.ts';
import { answerLosses } from './answer-losses.ts';

const ANSWER: JsonObject = {
  candidates: [
    {
      content: {
        role: 'model',
        parts: [
          { text: 'A cat.' },
          { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
          { executableCode: { language: 'PYTHON', code: '1' } },
        ],
      },
      finishReason: 'STOP',
      index: 0,
      groundingMetadata: { webSearchQueries: ['cats'] },
    },
  ],
  responseId: 'r',
  modelVersion: 'gemini-x',
};

function eventsOf(answer: JsonObject): AnswerEvent[] {
  const decoded = dialectOf('gemini').decodeAnswer(answer);
  if (!decoded.ok) throw new Error(decoded.error);
  return decoded.value;
}

function lost(client: Parameters<typeof answerLosses>[0], answer: JsonObject): string[] {
  const losses = answerLosses(client);
  losses.observe(eventsOf(answer));
  return losses.read();
}

it('pictures, code and sources that the client is not shown are named, each once, without their content', () => {
  for (const client of ['anthropic-messages', 'openai-chat', 'openai-responses'] as const) {
    const found = lost(client, ANSWER).join('\n');
    for (const name of ['image/png', 'executableCode', 'groundingMetadata']) expect(found).toContain(`answer: ${name}: `);
    expect(found).not.toMatch(/AAAA|cats/);
  }
  expect(lost('gemini', ANSWER)).toEqual([]);
  const words = { ...ANSWER, candidates: [{ content: { role: 'model', parts: [{ text: 'A cat.' }] }, finishReason: 'STOP', index: 0 }] };
  expect(lost('openai-chat', words)).toEqual([]);
});

it('they stand beside what the request lost, and go with the content where nothing is kept', () => {
  const summary = summaryOf(openingOf('x'));
  const target = { provider: 'p', model: 'm', credential: 'key', dialect: 'gemini', vendor: 'google' } as const;
  summary.add(0, 0, { type: 'attempt', ordinal: 0, kind: 'first', target, native: false, losses: ['top_k: no'], edits: [] });
  const end = {
    type: 'attempt-end',
    ordinal: 0,
    outcome: { type: 'whole', mended: false },
    took: 1,
    losses: ['answer: image/png: no'],
  } as const;
  summary.add(1, 0, { ...end, losses: [...end.losses] });
  expect(summary.read().attempts[0]!.losses).toEqual(['top_k: no', 'answer: image/png: no']);
  expect(withoutContent({ ...end, losses: [...end.losses] })).not.toHaveProperty('losses');
});
