import { expect, it } from 'vitest';
import type { Paint } from '../terminal.ts';
import { runbookLines } from './runbook-view.ts';

const paint = new Proxy({} as Paint, {
  get:
    () =>
    (text: string): string =>
      text,
});

function endOf(done: readonly boolean[]): string {
  const items = done.map((isDone, index) => ({ line: index, text: `Step ${index + 1}`, ...(isDone && { doneAt: 1 }) }));
  const text = items.map((item) => `- [ ] ${item.text}`).join('\n');
  const shown = { name: 'mine', title: 'Mine', text, items } as unknown as Parameters<typeof runbookLines>[0];
  return runbookLines(shown, { paint, width: 80 }).at(-1)!;
}

it('names the first item that is open, and none when all are done', () => {
  expect(endOf([false, false])).toContain('runbook tick mine 1');
  expect(endOf([true, false])).toContain('runbook tick mine 2');
  expect(endOf([true, true])).not.toContain('Tick one');
});
