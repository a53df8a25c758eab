import { expect, it } from 'vitest';
import { reportBody } from './report-schemas.ts';

it.each([
  [{ product: 'anthropic/chat', symptom: 'hangs' }, true],
  [{ product: 'anthropic/chat', model: 'claude-opus-4-6', symptom: 'works', send: false }, true],
  [{ product: 'claude.ai', symptom: 'hangs' }, false],
  [{ product: 'anthropic/api/claude-opus-4-6', symptom: 'hangs' }, false],
  [{ product: 'anthropic/chat', symptom: 'it hangs when I ask about my tax return' }, false],
  [{ product: 'anthropic/chat', symptom: 'hangs', prompt: 'my tax return' }, false],
  [undefined, false],
])('a report is asked for as %j: %s', (body, good) => {
  expect(reportBody.safeParse(body).success).toBe(good);
});
