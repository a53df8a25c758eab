import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastFragment } from './continuation.ts';
import { createSplicer, type SpliceStep } from './splice.ts';

const ANSWER =
  'The harbour was quiet that morning. Three boats lay at the quay, their nets still wet from the night, and a man in a blue coat counted crates of silver fish. ' +
  'Nobody spoke. A gull walked along the wall as if it owned the place, and when the bell of the small church rang eight, the man closed his book, looked up at the grey sky and went home.';

/** Feeds text in pieces and joins what comes out. */
function splice(delivered: string, continuation: string, sizes: number[], prefill = false): { text: string; last: SpliceStep } {
  const splicer = createSplicer(delivered, prefill);
  let out = '';
  let last: SpliceStep = { type: 'hold' };
  let at = 0;
  for (let turn = 0; at < continuation.length; turn++) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? 5);
    last = splicer.push(continuation.slice(at, at + size));
    at += size;
    if (last.type === 'failed') return { text: out, last };
    if (last.type === 'go') out += last.text;
  }
  last = splicer.end();
  if (last.type === 'go') out += last.text;
  return { text: out, last };
}

const cut = fc.integer({ min: 60, max: ANSWER.length - 1 });
const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 6 });

describe('splice', () => {
  it('follows a restart of a very long answer piece by piece, without reading it again each time', () => {
    const long = Array.from({ length: 30_000 }, (_, line) => `Line ${line} of the log of the harbour.\n`).join('');
    const delivered = long.slice(0, -1000);
    expect(delivered + splice(delivered, long, [6]).text).toBe(long);
  });

  it('joins exactly where the fragment is repeated, at any cut and any chunking', () => {
    fc.assert(
      fc.property(cut, sizes, (at, chunks) => {
        const delivered = ANSWER.slice(0, at);
        const result = splice(delivered, lastFragment(delivered) + ANSWER.slice(delivered.trimEnd().length), chunks);
        expect(delivered + result.text).toBe(ANSWER);
      }),
    );
  });

  it('finds the fragment behind a short preface and in quotation marks', () => {
    fc.assert(
      fc.property(cut, sizes, fc.constantFrom('Sorry about that! ', 'Of course, going on: ', '', '«'), (at, chunks, preface) => {
        const delivered = ANSWER.slice(0, at);
        const closing = preface === '«' ? '»' : '';
        const continuation = preface + lastFragment(delivered) + closing + ANSWER.slice(delivered.trimEnd().length);
        expect(delivered + splice(delivered, continuation, chunks).text).toBe(ANSWER);
      }),
    );
  });

  it('goes on where a restart has caught up', () => {
    fc.assert(
      fc.property(fc.integer({ min: 90, max: ANSWER.length - 1 }), sizes, (at, chunks) => {
        const result = splice(ANSWER.slice(0, at), ANSWER, chunks);
        expect(ANSWER.slice(0, at) + result.text).toBe(ANSWER);
      }),
    );
  });

  it('refuses a restart that comes out differently, at any point of difference', () => {
    fc.assert(
      fc.property(fc.integer({ min: 150, max: 300 }), fc.integer({ min: 50, max: 140 }), sizes, (at, differs, chunks) => {
        const other = `${ANSWER.slice(0, differs)} but then everything changed, and ${ANSWER.slice(differs, differs + 20).toUpperCase()}`;
        const { last } = splice(ANSWER.slice(0, at), other.repeat(3), chunks);
        expect(last.type).toBe('failed');
      }),
    );
  });

  it('joins at an overlap of eight characters or more, and refuses less', () => {
    const delivered = ANSWER.slice(0, 200);
    expect(delivered + splice(delivered, ANSWER.slice(188), [7]).text).toBe(ANSWER);
    expect(splice(delivered, ANSWER.slice(197), [7]).last.type).toBe('failed');
  });

  it('refuses a model that says something else or nothing', () => {
    const delivered = ANSWER.slice(0, 200);
    expect(splice(delivered, 'I cannot help with that request. '.repeat(12), [9]).last.type).toBe('failed');
    expect(splice(delivered, 'No.', [2]).last.type).toBe('failed');
    expect(splice(delivered, '', [2]).last.type).toBe('failed');
  });

  it('takes an answer that had nothing more to say than its last words', () => {
    const { text, last } = splice(ANSWER, lastFragment(ANSWER), [5]);
    expect(last.type).toBe('go');
    expect(text).toBe('');
  });

  it('keeps white space right: none doubled, no paragraph break inside a sentence, code untouched', () => {
    expect(splice(`${ANSWER.slice(0, 199)} `, `${lastFragment(ANSWER.slice(0, 199))} and so on`, [4]).text).toBe('and so on');
    const inSentence = 'This sentence is long enough to be cut in the middle of its';
    expect(splice(inSentence, `${lastFragment(inSentence)}\n\nwords`, [4]).text).toBe(' words');
    const code = 'Here is the code that you wanted:\n```js\nconst first = 1;\nconst second = 2;';
    expect(splice(code, `${lastFragment(code)}\n\nconst third = 3;`, [4]).text).toBe('\n\nconst third = 3;');
  });

  it('knows the fragment again when quotes, dashes and line breaks were changed', () => {
    const delivered = `${ANSWER.slice(0, 80)} “Well — that’s it,” he said,\nand went`;
    const fragment = lastFragment(delivered).replaceAll(/[“”]/g, '"').replace('’', "'").replace('—', '-').replace('\n', ' ');
    expect(splice(delivered, `${fragment} home.`, [3]).text).toBe(' home.');
  });

  it('joins any script at any code point', () => {
    const text =
      '日本語の文章です。とても長いので途中で切れることがあります。絵文字👩‍👩‍👧‍👦も入っています。العربية أيضا موجودة هنا، ثم ينتهي النص. Ça marche à merveille, évidemment.';
    const points = Array.from(text);
    fc.assert(
      fc.property(fc.integer({ min: 20, max: points.length - 1 }), (at) => {
        const delivered = points.slice(0, at).join('');
        const continuation = lastFragment(delivered) + text.slice(delivered.trimEnd().length);
        expect(delivered + splice(delivered, continuation, [3]).text).toBe(text);
      }),
    );
  });

  it('goes on from a prefill as it comes, and notices one that starts over', () => {
    fc.assert(
      fc.property(cut, sizes, (at, chunks) => {
        const delivered = ANSWER.slice(0, at);
        const literal = splice(delivered, ANSWER.slice(at), chunks, true);
        expect((delivered + literal.text).replaceAll(/\s+/g, ' ')).toBe(ANSWER);
        const restarted = splice(delivered, ANSWER, chunks, true);
        expect((delivered + restarted.text).replaceAll(/\s+/g, ' ')).toBe(ANSWER);
      }),
    );
  });
});
