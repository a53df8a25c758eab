import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerHeaders } from './answer-head.ts';
import { attempt, head } from './testing/scripted-ports.ts';

function lossesHeader(losses: string[], more = {}): string | undefined {
  const attempts = [
    { ...attempt(0, 'lead'), losses: ['lost by who did not deliver: x'] },
    { ...attempt(1, 'wall'), losses },
  ];
  const flat = answerHeaders({ exchange: 'x_1', journal: { type: 'saving' }, head: head(more), attempts }, 'text/plain');
  const at = flat.indexOf('x-understudy-losses');
  return at < 0 ? undefined : flat[at + 1];
}

describe('x-understudy-losses', () => {
  test('names what the delivering target could not be told, each once and without the reasons', () => {
    expect(lossesHeader(['top_k: not there', 'tools[2]: only its vendor runs it', 'top_k: again'])).toBe('top_k, tools[2]');
  });

  test('is absent where nothing was lost, and while nobody delivers', () => {
    expect(lossesHeader([])).toBeUndefined();
    expect(answerHeaders({ exchange: 'x_1', journal: { type: 'saving' }, head: undefined, attempts: [] }, 'a/b')).not.toContain(
      'x-understudy-losses',
    );
  });

  test('is short and printable, however much was lost, and says how much more there is', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' }), { minLength: 1, maxLength: 200 }),
        (names) => {
          const text = lossesHeader(names.map((name) => `${name.replaceAll(':', ';')}: why`)) ?? '';
          expect(text).toMatch(/^[\x20-\x7e]+$/);
          expect(text.length).toBeLessThan(520);
        },
      ),
    );
    const many = Array.from({ length: 100 }, (_, index) => `messages[${index}].parts[0]: why`);
    const text = lossesHeader(many)!;
    const more = Number(/\+(\d+) more$/.exec(text)?.[1]);
    expect(text.split(', ').length - 1 + more).toBe(100);
  });
});
