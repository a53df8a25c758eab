/** A real request of each CLI (test/fixtures/requests), for a target in each dialect: nothing is refused there, nothing is dropped in silence. */
import { describe, expect, test } from 'vitest';
import { isMinor } from '../../src/dialects/minor-losses.ts';
import { TARGETS } from './pair.ts';
import { cliRequests, native, translate, type CliRequest } from './requests.ts';

/** What reads back differently and is no loss. */
const NO_LOSS: { what: string; why: string }[] = [
  { what: 'reasoning.adaptive', why: 'the models of the others decide by themselves how long to think; an effort is kept' },
  { what: 'parallelToolCalls', why: 'without tools there is nothing to call in parallel' },
];

const requests = cliRequests();

test('the requests are there', () => expect(requests.length).toBeGreaterThan(15));

describe.each(requests.map((request) => [request.name, request] as const))('%s', (_name, request) => {
  test('a target in its own dialect gets the same bytes, and takes them', () => {
    expect(native(request)).toEqual({ refused: undefined, edits: [], same: true });
  });

  test.each(TARGETS)('for %s', (target) => {
    const { refused, silent } = translate(request, target);
    expect(refused).toBeUndefined();
    expect(silent.filter((what) => !NO_LOSS.some((known) => known.what === what))).toEqual([]);
  });
});

/** Places by what they have in common: `messages[3].parts[1]` -> `messages[].parts[]`. */
function row(request: CliRequest): string[] {
  return TARGETS.map((target) => {
    const { losses } = translate(request, target);
    const counts = new Map<string, number>();
    for (const loss of losses) {
      const kind = `${loss.foreignReasoning ? 'reasoning of another ' : ''}${loss.what.replaceAll(/\[\d+\]/g, '[]')}${isMinor(loss) ? '' : ' !'}`;
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    return [...counts].map(([kind, times]) => (times === 1 ? kind : `${kind} x${times}`)).join(', ') || 'nothing';
  });
}

/** In request-losses.txt, which `vitest run test/corpora/requests.test.ts --update` writes anew. */
test('what is lost on the way; `!`: a strict route skips the target for it', async () => {
  const lines = requests.flatMap((request) => [request.name, ...row(request).map((lost, at) => `  ${TARGETS[at]}: ${lost}`), '']);
  await expect(lines.join('\n')).toMatchFileSnapshot('./request-losses.txt');
});
