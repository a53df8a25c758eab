import { expect, it } from 'vitest';
import { languageOf } from './language.ts';

it.each([
  ['English', 'This is the answer that you asked for, and it is not as long as the one with the pictures of the sea.'],
  ['German', 'Das ist die Antwort, und sie ist nicht so lang wie die andere mit den Bildern auf der Insel, die auch schön ist.'],
  ['French', 'Voici la réponse que vous avez demandée, et elle est dans le texte pour les autres avec une image sur la mer, pas plus.'],
  ['Spanish', 'Esta es la respuesta que se pidió, y es más corta que las otras con una imagen del mar para los demás, como siempre.'],
  ['Japanese', 'ライトが消えても、声は続く。舞台の上で、彼女は最後の台詞を待っている。'],
  ['Chinese', '替身演员在主角无法继续时接着念完台词。观众没有发现任何变化。'],
  ['Korean', '등대지기는 밤마다 바다를 기록하지만 아무도 그것을 읽지 않는다.'],
  ['Russian or another in Cyrillic', 'Смотритель маяка записывает всё, что видит ночью, и никто этого не читает.'],
])('%s', (language, text) => {
  expect(languageOf(text)).toBe(language);
});

it('does not guess: what is short, what is code, what is names', () => {
  for (const text of [
    'Yes.',
    '',
    '```ts\nfor (const the of and) is(of, to, that);\n```',
    'Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu Nu',
  ])
    expect(languageOf(text)).toBeUndefined();
});
