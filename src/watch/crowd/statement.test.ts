import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical.ts';
import { isSignedBy, publicHalf, signatureOf } from './signature.ts';
import { BIN, LONGEST_STATEMENT, reportOf, reportSchema, statementText } from './statement.ts';
import { SYMPTOM_NAMES } from './symptoms.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const key = publicHalf(privateKey);
const now = Date.UTC(2026, 5, 2, 6, 7, 12, 345);
const about = { region: 'DE', own: { attempts: 7, failures: 3 }, now, client: '0.1.0', key };

describe('a report', () => {
  const report = reportOf({ provider: 'anthropic', product: 'chat', model: 'claude-opus-4-6', symptom: 'hangs' }, about);

  it('says this and nothing else', () => {
    expect(report).toEqual({
      type: 'report',
      version: 1,
      at: Date.UTC(2026, 5, 2, 6, 5),
      client: '0.1.0',
      key,
      provider: 'anthropic',
      product: 'chat',
      model: 'claude-opus-4-6',
      symptom: 'hangs',
      region: 'DE',
      own: { attempts: 7, failures: 3 },
    });
    expect(reportSchema.safeParse(report).success).toBe(true);
    for (const more of ['prompt', 'address', 'note']) expect(reportSchema.safeParse({ ...report, [more]: 'x' }).success).toBe(false);
  });

  it('counts no further than to a hundred', () => {
    expect(reportOf({ provider: 'a', product: 'b', symptom: 'errors' }, { ...about, own: { attempts: 5000, failures: 4000 } }).own).toEqual(
      {
        attempts: 100,
        failures: 100,
      },
    );
  });

  it.each([
    ['a time that is no bin', { at: now }],
    ['more failures than attempts', { own: { attempts: 1, failures: 2 } }],
    ['a city', { region: 'Berlin' }],
    ['a sentence for a model', { model: 'it fails when I ask it this' }],
    ['a symptom of its own', { symptom: 'sad' }],
    ['another kind', { type: 'key' }],
  ])('is none with %s', (_, change) => {
    expect(reportSchema.safeParse({ ...report, ...change }).success).toBe(false);
  });

  it('fits what a hub reads at its longest', () => {
    const longest = reportOf(
      { provider: 'p'.repeat(40), product: 'p'.repeat(40), model: 'm'.repeat(80), symptom: 'capacity' },
      { ...about, own: { attempts: 100, failures: 100 }, client: 'v'.repeat(40) },
    );
    expect(reportSchema.safeParse(longest).success).toBe(true);
    expect(statementText(longest).length + 86 + 200 + 100).toBeLessThan(LONGEST_STATEMENT);
  });
});

describe('canonical JSON', () => {
  it('is one text for one value, in whatever order it was written', () => {
    expect(canonicalJson({ b: [1, { d: 'é"', c: null }], a: true, c: undefined })).toBe('{"a":true,"b":[1,{"c":null,"d":"é\\""}]}');
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.maxSafeInteger(), fc.boolean())), (members) => {
        const turned = Object.fromEntries(Object.entries(members).toReversed());
        expect(canonicalJson(turned)).toBe(canonicalJson(members));
        expect(JSON.parse(canonicalJson(members))).toEqual({ ...members });
      }),
    );
  });

  it('has no numbers that are not whole', () => {
    expect(() => canonicalJson({ a: 0.1 })).toThrow(RangeError);
  });
});

describe('a signature', () => {
  const signature = signatureOf('text', privateKey);

  it('is of that key and that text', () => {
    expect(isSignedBy(key, 'text', signature)).toBe(true);
    expect(isSignedBy(key, 'Text', signature)).toBe(false);
    expect(isSignedBy(publicHalf(generateKeyPairSync('ed25519').privateKey), 'text', signature)).toBe(false);
  });

  it.each(['', 'A'.repeat(43), `${key.slice(0, -1)}_`, 'not a key'])('is of no key such as %j', (other) => {
    expect(isSignedBy(other, 'text', signature)).toBe(false);
  });

  it('has one spelling', () => {
    const last = signature.at(-1)!;
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const sameBits = alphabet[alphabet.indexOf(last) ^ 1]!;
    expect(isSignedBy(key, 'text', signature.slice(0, -1) + sameBits)).toBe(false);
    const bytes = Buffer.from(signature, 'base64url');
    // Adding the group's order to S gives the same point, and is refused (RFC 8032, 5.1.7).
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const sum = BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString('hex')}`) + order;
    const other = Buffer.concat([bytes.subarray(0, 32), Buffer.from(sum.toString(16).padStart(64, '0'), 'hex').reverse()]);
    expect(isSignedBy(key, 'text', other.toString('base64url'))).toBe(false);
  });
});

it('has names of symptoms that never change', () => {
  expect(SYMPTOM_NAMES).toEqual(['errors', 'hangs', 'cut', 'capacity', 'login', 'wrong', 'slow', 'works']);
});

it('tells time in bins of five minutes', () => {
  expect(BIN).toBe(300_000);
});
