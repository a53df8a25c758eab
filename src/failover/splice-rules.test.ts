import { describe, expect, it } from 'vitest';
import { lastFragment } from './continuation.ts';
import { createSplicer, type Join } from './splice.ts';

/** One rule of the splicer after the other; `splice.test.ts` has the properties, `test/splicer` the measurements. */

const BEGINNING = 'The harbour was quiet that morning. Three boats lay at the quay, their nets still wet from the night';
const MIDDLE =
  'The man in the blue coat counted one crate after the other, as he did every day but on Sundays; nobody spoke to him. ' +
  'A gull walked along the wall as if it owned the place, and when the bell of the small church rang eight, he closed his book and went home';
const REST = ', and a man in a blue coat counted crates of silver fish.';
/** What a hop is asked to repeat of `BEGINNING`. */
const FRAGMENT = 'their nets still wet from the night';

const DIFFERENT = 'the answer was started over and came out differently';
const UNMET = 'the continuation does not meet the delivered text';
const REPEATING = 'the text repeats itself, and so does the continuation: where they meet can not be told';

interface Spliced {
  join: Join | 'failed';
  /** What goes out; of a failed one the reason. */
  text: string;
}

/** What comes of a continuation, which must not depend on the pieces that it comes in. */
function spliced(delivered: string, continuation: string, prefill = false): Spliced {
  const [byOne, bySeven, atOnce] = [1, 7, Math.max(1, continuation.length)].map((size) => inPieces(delivered, continuation, size, prefill));
  expect(bySeven).toEqual(byOne);
  expect(atOnce).toEqual(byOne);
  return byOne!;
}

function inPieces(delivered: string, continuation: string, size: number, prefill: boolean): Spliced {
  const splicer = createSplicer(delivered, prefill);
  let text = '';
  for (let at = 0; at < continuation.length; at += size) {
    const step = splicer.push(continuation.slice(at, at + size));
    if (step.type === 'failed') return { join: 'failed', text: step.reason };
    if (step.type === 'go') text += step.text;
  }
  const last = splicer.end();
  if (last.type === 'failed') return { join: 'failed', text: last.reason };
  if (last.type === 'hold') throw new Error('nothing is held when the continuation has ended');
  return { join: last.join, text: text + last.text };
}

const joined = (join: Join, text: string): Spliced => ({ join, text });
const failed = (reason: string): Spliced => ({ join: 'failed', text: reason });

it('asks for the words that these tests repeat', () => expect(lastFragment(BEGINNING)).toBe(FRAGMENT));

describe('the fragment', () => {
  it('is a join as soon as something follows it, and everything after it goes out as it comes', () => {
    const splicer = createSplicer(BEGINNING, false);
    expect(splicer.push(FRAGMENT.slice(0, 20))).toEqual({ type: 'hold' });
    expect(splicer.push(FRAGMENT.slice(20))).toEqual({ type: 'hold' });
    expect(splicer.push(', and')).toEqual({ type: 'go', join: 'anchor', text: ', and' });
    expect(splicer.push('  ')).toEqual({ type: 'go', join: 'anchor', text: '  ' });
    expect(splicer.push(FRAGMENT)).toEqual({ type: 'go', join: 'anchor', text: FRAGMENT });
    expect(splicer.end()).toEqual({ type: 'go', join: 'anchor', text: '' });
  });

  it('alone ends an answer that had nothing more to say, white space behind it or not', () => {
    expect(spliced(BEGINNING, FRAGMENT)).toEqual(joined('anchor', ''));
    expect(spliced(BEGINNING, `${FRAGMENT} \n`)).toEqual(joined('anchor', ''));
  });

  it.each([
    ['other quotes', '“It’s late,” said «Ann», ‘I’m off’', (end: string) => end.replaceAll(/[“”«»]/g, '"').replaceAll(/[‘’]/g, "'")],
    ['other dashes', 'from here — or there – or the far‑away', (end: string) => end.replaceAll(/[—–‑]/g, '-')],
    ['dots written out', 'and so it went on, day after day… until', (end: string) => end.replace('…', '...')],
    ['capitals', 'the End of the Long Road to Dover Street', (end: string) => end.toUpperCase()],
    ['accents composed otherwise', 'déjà goûté à la crème brûlée à l’été', (end: string) => end.normalize('NFD')],
    ['line breaks as spaces', 'a first line,\n\n  a second line,\n\tthird', (end: string) => end.replaceAll(/\s+/g, ' ')],
    ['spaces as line breaks', 'a first line, a second line, a third', (end: string) => end.replaceAll(/\s+/g, '\n\n')],
  ])('is known again with %s', (_what, end, change) => {
    const delivered = `${BEGINNING}. ${end}`;
    const repeated = change(lastFragment(delivered));
    expect(repeated).not.toBe(lastFragment(delivered));
    expect(spliced(delivered, repeated + REST)).toEqual(joined('anchor', REST));
  });

  it.each([
    ['dots', '…'],
    ['a block quote', '> '],
    ['emphasis', '**'],
    ['a fence with a language', '```c++\n'],
  ])('is found behind %s', (_what, marks) => {
    expect(spliced(BEGINNING, marks + FRAGMENT + REST)).toEqual(joined('anchor', REST));
  });

  it.each(['«»', '“”', '""', '„“', '``', "''"])('leaves the closing mark of %s behind', ([open, close]) => {
    expect(spliced(BEGINNING, `${open}${FRAGMENT}${close}${REST}`)).toEqual(joined('anchor', REST));
    expect(spliced(BEGINNING, `${open} ${FRAGMENT}${close}${REST}`)).toEqual(joined('anchor', REST));
    // The quotation may also go on: then its end belongs to the answer.
    expect(spliced(BEGINNING, `${open}${FRAGMENT}${REST}${close}`)).toEqual(joined('anchor', REST + close));
    expect(spliced(BEGINNING, `${open}${FRAGMENT}`)).toEqual(joined('anchor', ''));
    expect(spliced(BEGINNING, `${open}${FRAGMENT}${close}`)).toEqual(joined('anchor', ''));
  });

  it('that is shorter than eight characters is one at the very beginning only', () => {
    expect(lastFragment('Hello')).toBe('Hello');
    expect(spliced('Hello', 'Hello, world')).toEqual(joined('anchor', ', world'));
    expect(spliced('Hello', '…Hello, world')).toEqual(failed(UNMET));
    expect(spliced('Hello', 'Sure: Hello, world')).toEqual(failed(UNMET));
    expect(spliced('Hello Bo', '…Hello Bob')).toEqual(joined('anchor', 'b'));
    expect(spliced('Hello Bo', 'Sure: Hello Bob')).toEqual(joined('anchor', 'b'));
  });

  it('of dashes alone says nothing about where it stands', () => {
    const table = `Figures of the north, the south and the rest:\n\n| a | b |\n| --- | --- |${' --- |'.repeat(30)}`;
    expect(spliced(table, `${' --- |'.repeat(12)}\n| 1 | 2 |`)).toEqual(failed(UNMET));
  });
});

describe('a preface', () => {
  it.each(['Sorry about that! ', 'Of course. Here it is:\n\n', 'Where was I? ', 'Going on.\n\n'])(
    '%j may stand before the fragment',
    (preface) => {
      expect(spliced(BEGINNING, preface + FRAGMENT + REST)).toEqual(joined('anchor', REST));
    },
  );

  it.each([
    ['has no end', 'As I was saying, '],
    ['begins with a small letter', 'it said so: '],
    ['refuses', 'I cannot go on from here: '],
    ['refuses, with an apostrophe', 'Sorry, I can’t: '],
  ])('that %s does not', (_what, preface) => {
    expect(spliced(BEGINNING, preface + FRAGMENT + REST)).toEqual(failed(UNMET));
  });

  it('may be 240 characters long', () => {
    const preface = (length: number): string => `${'S'.padEnd(length - 2, 'o')}. `;
    expect(spliced(BEGINNING, preface(240) + FRAGMENT + REST)).toEqual(joined('anchor', REST));
    expect(spliced(BEGINNING, preface(241) + FRAGMENT + REST)).toEqual(failed(UNMET));
  });

  it('may speak of the fragment in quotation marks before it is repeated', () => {
    const preface = `I see that it stopped at "${FRAGMENT}". Going on:\n\n`;
    expect(spliced(BEGINNING, preface + FRAGMENT + REST)).toEqual(joined('anchor', REST));
    expect(spliced(BEGINNING, `It stopped at "${FRAGMENT}". What now?`)).toEqual(failed(UNMET));
  });

  it('that the answer has itself is no preface: with like lines the fragment comes again further on', () => {
    const delivered = `Twelve lay there (12 of 17 at 5:30). ${BEGINNING}`;
    expect(spliced(delivered, `So (12 of 17 at 5:30). ${FRAGMENT}${REST}`)).toEqual(failed(UNMET));
    expect(spliced(delivered, `So (12 of 18 at 6:30). ${FRAGMENT}${REST}`)).toEqual(joined('anchor', REST));
  });

  it('of common words may stand in the answer, too', () => {
    const delivered = `Going on with the other boats, then. ${BEGINNING}`;
    expect(spliced(delivered, `Going on with the other: ${FRAGMENT}${REST}`)).toEqual(joined('anchor', REST));
  });
});

describe('an overlap', () => {
  const behind = (end: string): string => `${BEGINNING}; ${end}`;

  it('of eight characters and two words is one, of seven it is none', () => {
    expect(spliced(behind('he saw a big fish'), 'big fish jump')).toEqual(joined('overlap', ' jump'));
    expect(spliced(behind('he saw a pig fox'), 'pig fox jump')).toEqual(failed(UNMET));
  });

  it('of one word is one from sixteen characters on', () => {
    expect(spliced(behind('the responsibilities'), 'responsibilities grow')).toEqual(joined('overlap', ' grow'));
    expect(spliced(behind('the recommendations'), 'recommendations grow')).toEqual(failed(UNMET));
  });

  it('without spaces is one where words have none', () => {
    expect(
      spliced(
        '清晨的港口非常安静。三条渔船停在码头边，渔网还是湿的，一个穿蓝色外套的男人正在数装满银色小鱼的箱子',
        '装满银色小鱼的箱子。没有人',
      ),
    ).toEqual(joined('overlap', '。没有人'));
    expect(spliced('ชายคนหนึ่งในเสื้อคลุมสีน้ำเงินกำลังนับลังปลาสีเงินของเขา', 'ปลาสีเงินของเขาอยู่')).toEqual(joined('overlap', 'อยู่'));
  });

  it('of brackets or of like characters is none', () => {
    expect(spliced(behind('fn({ a: [ ] }) ;;; ]]] )))'), ']]] ))) and')).toEqual(failed(UNMET));
    expect(spliced(behind('he said aha aha aha'), 'aha aha aha and')).toEqual(failed(UNMET));
  });

  it('may begin with what another, shorter one is made of only once', () => {
    // Both the long and the short end of the text stand at the beginning of what comes: nothing says which is meant.
    expect(spliced(behind('one fish, two fish, one fish, two fish'), 'one fish, two fish, three')).toEqual(failed(UNMET));
  });

  it('of eight characters is telling by its letters and digits, not by what is between them', () => {
    expect(spliced(behind('we saw 12 - 345'), '12 - 345 of')).toEqual(joined('overlap', ' of'));
    expect(spliced(behind('we saw 1 -- 1 -- 2'), '1 -- 1 -- 2 of')).toEqual(failed(UNMET));
  });

  it('that the answer has before is none', () => {
    expect(spliced(`He saw a big fish. ${behind('then a big fish')}`, 'a big fish jump')).toEqual(failed(UNMET));
  });

  it('is taken when enough has come, not before', () => {
    const splicer = createSplicer(behind('he saw a big fish'), false);
    const fragment = lastFragment(behind('he saw a big fish'));
    expect(splicer.push(`big fish ${'x'.repeat(240 + fragment.length - 10)}`)).toEqual({ type: 'hold' });
    expect(splicer.push('y')).toMatchObject({ type: 'go', join: 'overlap' });
  });

  it('behind a sentence has to be of twenty characters', () => {
    expect(spliced(BEGINNING, `Right. still wet from the night${REST}`)).toEqual(joined('overlap', REST));
    expect(spliced(BEGINNING, `Right. wet from the night${REST}`)).toEqual(failed(UNMET));
    expect(spliced(BEGINNING, `Right, still wet from the night${REST}`)).toEqual(failed(UNMET));
    expect(spliced(BEGINNING, `Right. still wet from the night", you said.`)).toEqual(failed(UNMET));
    expect(spliced(BEGINNING, `I can't. still wet from the night${REST}`)).toEqual(failed(UNMET));
  });
});

describe('a restart', () => {
  it('is followed until it has caught up', () => {
    expect(spliced(BEGINNING, BEGINNING + REST)).toEqual(joined('restart', REST));
    expect(spliced(BEGINNING, BEGINNING)).toEqual(joined('restart', ''));
  });

  it('that comes out differently has failed at once, and so has one that ends before', () => {
    const splicer = createSplicer(BEGINNING, false);
    expect(splicer.push(BEGINNING.slice(0, 60))).toEqual({ type: 'hold' });
    expect(splicer.push('?')).toEqual({ type: 'failed', reason: DIFFERENT });
    expect(spliced(BEGINNING, BEGINNING.slice(0, 60))).toEqual(failed(DIFFERENT));
    expect(spliced(BEGINNING, `${BEGINNING.slice(0, 60)} or so`)).toEqual(failed(DIFFERENT));
  });

  it('is told by its first 48 characters', () => {
    expect(spliced(BEGINNING, BEGINNING.slice(0, 47))).toEqual(failed(UNMET));
    expect(spliced(BEGINNING, `${BEGINNING.slice(0, 47)}? Else`)).toEqual(failed(UNMET));
    expect(spliced(BEGINNING, BEGINNING.slice(0, 48))).toEqual(failed(DIFFERENT));
  });

  it('of a text that is shorter than that is told by all of it', () => {
    const short = 'Yes: this is how one counts boats at the quays.';
    expect(short.length).toBeLessThan(48);
    expect(spliced(short, `${short} By night.`)).toEqual(joined('restart', ' By night.'));
  });

  it('that has no more than its first word when it ends is none', () => {
    expect(spliced(BEGINNING, 'The ')).toEqual(failed(UNMET));
    const splicer = createSplicer(BEGINNING, false);
    expect(splicer.push('The ')).toEqual({ type: 'hold' });
    expect(splicer.push(' \n')).toEqual({ type: 'hold' });
    expect(splicer.push('harbour was')).toEqual({ type: 'hold' });
  });

  it('behind a preface is one, too', () => {
    expect(spliced(BEGINNING, `Sure! Here it is again:\n\n${BEGINNING}${REST}`)).toEqual(joined('restart', REST));
    expect(spliced(BEGINNING, `sure, here it is again:\n\n${BEGINNING.slice(0, 60)}`)).toEqual(failed(UNMET));
    expect(spliced(BEGINNING, `Sure! Here it is again:\n\n${BEGINNING.slice(0, 60)} or so`)).toEqual(failed(DIFFERENT));
  });

  it('from a later place on is one, too, unless that place cannot be told', () => {
    const long = `${BEGINNING}. ${MIDDLE}`;
    expect(spliced(long, long.slice(36) + REST)).toEqual(joined('restart', REST));
    expect(spliced(long, long.slice(36, 200) + REST)).toEqual(failed(DIFFERENT));
    const twice = `Two harbours. ${long.slice(36, 90)}. ${long}`;
    expect(spliced(twice, long.slice(36) + REST)).toEqual(failed(UNMET));
  });
});

describe('a text with like lines', () => {
  const LOG = ['05', '06', '07', '08'].map((minute) => `06:${minute}:11 WARN the upstream service returned 529, trying again in 2 s`);

  it('is held, not given up, while the continuation may still be from an earlier place', () => {
    const delivered = LOG.slice(0, 3).join('\n');
    const splicer = createSplicer(delivered, false);
    expect(splicer.push(`${lastFragment(delivered)}\n06:0`)).toEqual({ type: 'hold' });
    expect(splicer.push('8:11 WARN')).toEqual({ type: 'go', join: 'anchor', text: '\n06:08:11 WARN' });
  });

  it('is joined at the fragment where what follows tells which of them it is', () => {
    const delivered = LOG.slice(0, 3).join('\n');
    expect(spliced(delivered, `${lastFragment(delivered)}\n${LOG[3]}`)).toEqual(joined('anchor', `\n${LOG[3]}`));
  });

  it('is not joined at a whole line that could be one more of them', () => {
    expect(spliced(LOG.slice(0, 3).join('\n'), `${LOG[2]}\n${LOG[3]}`)).toEqual(failed(UNMET));
  });

  it('is not joined where the continuation may be any of them', () => {
    const row = '| none | 0 | 0 | 0 | a quiet year without anything |\n';
    const delivered = `Years without an accident, one after the other:\n\n${row.repeat(5)}`;
    expect(spliced(delivered, row.repeat(3)).join).toBe('failed');
  });

  it('is not joined where as much as could be told apart is repeated from an earlier place', () => {
    const verse = 'so comes the tide, so goes the tide,\n';
    const delivered = `the tide comes in and takes the sand, the tide goes out and leaves the land\n\n${verse}${verse}`;
    expect(spliced(delivered, `${verse}${verse}and nobody who watched it said`)).toEqual(failed(REPEATING));
  });
});

describe('a prefill', () => {
  it('goes on literally, as it comes', () => {
    const splicer = createSplicer(BEGINNING, true);
    expect(splicer.push(', and')).toEqual({ type: 'go', join: 'prefill', text: ', and' });
    expect(splicer.push(' a man')).toEqual({ type: 'go', join: 'prefill', text: ' a man' });
    expect(splicer.end()).toEqual({ type: 'go', join: 'prefill', text: '' });
  });

  it('that starts over is followed', () => {
    expect(spliced(BEGINNING, BEGINNING + REST, true)).toEqual(joined('restart', REST));
    expect(spliced(BEGINNING, BEGINNING.slice(0, 60), true)).toEqual(failed(DIFFERENT));
    expect(spliced(BEGINNING, `${BEGINNING.slice(0, 60)} or so`, true)).toEqual(failed(DIFFERENT));
  });

  it('that ends while it may be starting over has said that', () => {
    expect(spliced(BEGINNING, 'The harbour', true)).toEqual(joined('prefill', 'The harbour'));
    expect(spliced(BEGINNING, '', true)).toEqual(joined('prefill', ''));
  });
});

describe('the seam', () => {
  it('has no white space twice, and all of it that was missing', () => {
    expect(spliced(`${BEGINNING}, `, `${FRAGMENT}, and`)).toEqual(joined('anchor', 'and'));
    expect(spliced(`${BEGINNING},\n\n`, `${lastFragment(`${BEGINNING},`)}\n\nand`)).toEqual(joined('anchor', 'and'));
    expect(spliced(`${BEGINNING},`, `${lastFragment(`${BEGINNING},`)} and`)).toEqual(joined('anchor', ' and'));
  });

  it('joins the two halves of a character', () => {
    const delivered = `${BEGINNING} 😀`.slice(0, -1);
    expect(spliced(delivered, `${FRAGMENT} 😀!`)).toEqual(joined('anchor', '\ude00!'));
    expect(spliced(delivered, `${FRAGMENT}, no`)).toEqual(joined('anchor', ', no'));
  });

  it('keeps a letter and its accent together', () => {
    const text = `${BEGINNING} de la crème brûlée`.normalize('NFD');
    const cut = text.lastIndexOf('\u0301');
    const delivered = text.slice(0, cut);
    expect(spliced(delivered, lastFragment(delivered) + text.slice(cut))).toEqual(joined('anchor', '\u0301e'));
    // The model composes it: the letter is there, only its accent is missing.
    expect(spliced(delivered, `${lastFragment(delivered).slice(0, -1)}ée`)).toEqual(joined('anchor', '\u0301e'));
  });

  it('is found in any script', () => {
    const hebrew = 'הנמל היה שקט באותו הבוקר. שלוש סירות עמדו ברציף, והרשתות שלהן היו עדיין רטובות מהלילה';
    expect(spliced(hebrew, `${lastFragment(hebrew)}, ואיש במעיל כחול`)).toEqual(joined('anchor', ', ואיש במעיל כחול'));
    const emoji = 'Great news 🎉🎉! The family 👨‍👩‍👧‍👦 arrived safely in 🇫🇷 after a stop in 🇩🇪🇨🇭';
    expect(spliced(emoji, `${lastFragment(emoji)}. Weather: ☀️`)).toEqual(joined('anchor', '. Weather: ☀️'));
  });
});

describe('code', () => {
  const CODE = 'Here is the code that you wanted:\n```js\nconst first = readTheFirstFile();\nconst second = 2;';

  it('that comes back in a fence of its own leaves that fence behind', () => {
    expect(spliced(BEGINNING, `\`\`\`\n${FRAGMENT}${REST}\n\`\`\``)).toEqual(joined('anchor', REST));
    expect(spliced(BEGINNING, `Here it is:\n\`\`\`\n${FRAGMENT}${REST}\n\`\`\``)).toEqual(joined('anchor', REST));
  });

  it('in backticks: those at the cut belong to a fence that is half there', () => {
    const delivered = `${BEGINNING}, as in \`\``;
    const fragment = lastFragment(delivered);
    expect(spliced(delivered, `\`\`\`\n${fragment}\`js\nlet a;\n\`\`\`\n\`\`\``).join).toBe('anchor');
  });

  it('keeps the fence that closes a block that was open', () => {
    const rest = '\nconst third = 3;\n```';
    expect(spliced(CODE, lastFragment(CODE) + rest)).toEqual(joined('anchor', rest));
    expect(spliced(CODE, `\`\`\`js\n${lastFragment(CODE)}${rest}`)).toEqual(joined('anchor', rest));
  });
});
