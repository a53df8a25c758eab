import { expect, test } from 'vitest';
import { virtualClock } from '../../exchange/virtual-clock.ts';
import { createHealth } from '../../health/create-health.ts';
import { deadlineFindings } from './doctor-deadlines.ts';

test('each target’s waits are told with what they come from', () => {
  const health = createHealth({ clock: virtualClock(), random: () => 0.5 });
  const target = {
    provider: 'anthropic',
    model: 'claude-x',
    credential: 'key',
    dialect: 'anthropic-messages',
    vendor: 'anthropic',
  } as const;
  const timings = { headersAfter: 300, firstEventAfter: 8400, longestGap: 200, took: 9000 };
  for (let time = 0; time < 25; time++) health.succeeded(target, { size: 4000, stream: true, reasoning: false }, timings);
  const [finding, ...others] = deadlineFindings(health.status());
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ about: 'deadlines of anthropic/claude-x', state: 'good' });
  expect(finding?.said).toMatch(
    /^for requests like the last \(4 KB\), the response's headers are waited for 8 s: .*; first words are waited for 23\.3 s, .*: 3 x the slowest 1 % of 25 answers, 7\.8 s;/,
  );
});

test('what several limits have in common is said once', () => {
  const health = createHealth({ clock: virtualClock(), random: () => 0.5 });
  const target = { provider: 'p', model: 'm', credential: 'key', dialect: 'openai-chat', vendor: 'p' } as const;
  health.succeeded(target, { size: 10, stream: true, reasoning: false }, { headersAfter: 1, firstEventAfter: 2, longestGap: 1, took: 3 });
  const said = deadlineFindings(health.status())[0]?.said ?? '';
  expect(said.match(/a cautious guess/g)).toHaveLength(1);
  expect(said).toMatch(
    /headers are waited for 20 s, first words are waited for 20 s, .*: a cautious guess, until 20 answers .* \(1 so far\)$/,
  );
});
