import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isObject } from '../exchange/json.ts';
import { elements, layoutOf, members, parseJson, removals, replace, type Span } from './json-spans.ts';

/** JSON text with any spacing between its tokens, and some of its characters escaped. */
const jsonText = fc.tuple(fc.jsonValue(), fc.constantFrom(undefined, 1, '\t'), fc.boolean()).map(([value, indent, escape]) => {
  const text = JSON.stringify(value, undefined, indent);
  return escape ? text.replace(/[^\x20-\x7e\n\t]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`) : text;
});

const awkward = fc.array(
  fc.constantFrom('\\', '\\\\', '\\"', '\\n', 'a', '"', '{', '}', '[', ']', ',', ':', ' ', '\n', 'é', '😀', '1', '-', 'true', 'null'),
  {
    maxLength: 14,
  },
);

function read(body: Buffer, span: Span): unknown {
  return JSON.parse(body.toString('utf8', span.start, span.end));
}

describe('members and elements', () => {
  test('law: spans parse to the values that JSON.parse sees', () => {
    fc.assert(
      fc.property(jsonText, fc.constantFrom('', ' ', '\n\t\r '), (text, space) => {
        const value: unknown = JSON.parse(text);
        const body = Buffer.from(`xx${space}${text}${space}yy`);
        const range = [2, body.length - 2] as const;
        const inObject = members(body, ...range);
        const inArray = elements(body, ...range);
        const objectRead = inObject.ok && Object.fromEntries([...inObject.value].map(([key, span]) => [key, read(body, span)]));
        expect(objectRead).toEqual(isObject(value) && value);
        expect(inArray.ok && inArray.value.map((span) => read(body, span))).toEqual(Array.isArray(value) && value);
      }),
      { numRuns: 300 },
    );
  });

  test('law: what members refuses JSON.parse refuses too, and what it takes differs only inside strings', () => {
    fc.assert(
      fc.property(awkward, (pieces) => {
        const text = `{"k":[${pieces.join('')}]}`;
        const scanned = members(Buffer.from(text));
        const parsed = parseJson(Buffer.from(text));
        const onlyStrings = !parsed.ok && parsed.error.message.startsWith('this string holds');
        expect(scanned.ok).toBe(parsed.ok || onlyStrings);
      }),
      { numRuns: 2000 },
    );
  });

  test('long strings with escapes before their end', () => {
    for (const tail of ['', '\\', '"', '\\"', '\\\\', '\\\\"']) {
      for (const length of [40, 46, 47, 48, 49, 60]) {
        const value = { a: 'x'.repeat(length) + tail, b: [tail + 'y'.repeat(length)], c: 1 };
        const found = members(Buffer.from(JSON.stringify(value)));
        expect(found.ok && [...found.value.keys()]).toEqual(['a', 'b', 'c']);
      }
    }
  });

  test('a key twice: the last one counts; an escaped key is the same key', () => {
    const body = Buffer.from('{"a":1,"\\u0061":2}');
    const found = members(body);
    expect(found.ok && body.toString('utf8', found.value.get('a')!.start, found.value.get('a')!.end)).toBe('2');
  });

  test('100,000 open brackets are refused without recursion', () => {
    expect(members(Buffer.from(`{"a":${'['.repeat(100_000)}`)).ok).toBe(false);
  });
});

describe('places', () => {
  test.each([
    ['', 1, 1, 'the text ends where a JSON object should begin'],
    ['[1]', 1, 1, 'unexpected "[" where a JSON object should begin'],
    ['{"a":1,}', 1, 8, 'unexpected "}" where a key in double quotes should be'],
    ['{"a" 1}', 1, 6, 'unexpected "1" where a ":" should be'],
    ['{\n  "é": tru\n}', 2, 8, 'unexpected "t" where a value should be'],
    ['{"a":[1,2}', 1, 10, 'unexpected "}" where a "," or "]" should be'],
    ['{"a":"b', 1, 6, 'a string begins here and has no closing quote'],
    ['{"a":01}', 1, 6, 'unexpected "0" where a value should be'],
    ['{"a":{"b":[]}', 1, 14, 'the text ends where a "," or "}" should be'],
    ['{} 😀', 1, 4, 'unexpected "😀" where the end should be'],
  ])('%j', (text, line, column, message) => {
    const found = members(Buffer.from(text));
    expect(found.ok ? undefined : found.error).toMatchObject({ line, column, message });
  });

  test('a bad escape and a bare control character are found by parseJson', () => {
    for (const text of ['{"a":1,\n"b":"\\x"}', '{"a":1,\n"b":"\u0001"}']) {
      const parsed = parseJson(Buffer.from(text));
      expect(parsed.ok ? undefined : parsed.error).toMatchObject({ line: 2, column: 5 });
    }
  });

  test('law: parseJson agrees with JSON.parse and its offset is inside the text', () => {
    fc.assert(
      fc.property(awkward, (pieces) => {
        const text = pieces.join('');
        let value: unknown;
        let fine = true;
        try {
          value = JSON.parse(text);
        } catch {
          fine = false;
        }
        const parsed = parseJson(Buffer.from(text));
        expect(parsed.ok).toBe(fine);
        expect(parsed.ok ? parsed.value : undefined).toEqual(value);
        const { offset, message } = parsed.ok ? { offset: 0, message: '' } : parsed.error;
        expect(offset).toBeLessThanOrEqual(Buffer.byteLength(text));
        expect(message).not.toBe('not JSON');
      }),
      { numRuns: 2000 },
    );
  });
});

describe('edits', () => {
  test('replaces in any order and leaves every other byte', () => {
    const body = Buffer.from('{"ä": 1 , "b":2}');
    const found = members(body);
    if (!found.ok) throw new Error(found.error.message);
    const edited = replace(body, [
      { ...found.value.get('b')!, with: Buffer.from('[]') },
      { ...found.value.get('ä')!, with: '"ü"' },
    ]);
    expect(edited.toString()).toBe('{"ä": "ü" , "b":[]}');
  });

  test('law: removing elements from an array is filtering it', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.jsonValue({ maxDepth: 1 }), fc.boolean())), fc.constantFrom('', ' ', '\n '), (list, space) => {
        const body = Buffer.from(`[${space}${list.map(([value]) => JSON.stringify(value)).join(`${space},${space}`)}${space}]`);
        const spans = elements(body);
        if (!spans.ok) throw new Error(spans.error.message);
        const dropped = new Set(list.flatMap(([, drop], index) => (drop ? [index] : [])));
        const left = replace(body, removals(spans.value, dropped));
        const wanted: unknown = JSON.parse(JSON.stringify(list.filter(([, drop]) => !drop).map(([value]) => value)));
        expect(JSON.parse(left.toString())).toEqual(wanted);
      }),
    );
  });

  test('a layout is taken for its own bytes only', () => {
    const body = Buffer.from('{"model":"asked"}');
    const known = layoutOf(body, undefined);
    if (!known.ok) throw new Error(known.error.message);
    expect(layoutOf(body, known.value)).toEqual(known);
    const same = Buffer.from(body);
    const found = layoutOf(same, known.value);
    expect(found.ok && found.value.of).toBe(same);
    const longer = layoutOf(Buffer.from('{"stream":true,"model":"asked"}'), known.value);
    expect(longer.ok && longer.value.members.get('model')).toEqual({ start: 23, end: 30 });
    expect(layoutOf(Buffer.from('{'), known.value).ok).toBe(false);
  });
});
