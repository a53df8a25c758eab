import { expect, test } from 'vitest';
import { findSecrets } from './canary.ts';

const secrets = { key: 'sk-canary/ü-1234', other: 'nowhere-to-be-found' };

test('a secret is found however it is written, and only then', () => {
  const written = {
    plain: `x${secrets.key}y`,
    basic: Buffer.from(`user:${secrets.key}`).toString('base64'),
    basicLonger: Buffer.from(`users:${secrets.key}`).toString('base64'),
    base64: Buffer.from(secrets.key).toString('base64'),
    base64url: Buffer.from(`{"a":"${secrets.key}"}`).toString('base64url'),
    percent: `?key=${encodeURIComponent(secrets.key)}`,
    hex: Buffer.from(`k=${secrets.key}`).toString('hex'),
  };
  const places = Object.entries(written).map(([name, content]) => ({ name, content }));
  expect(findSecrets(places, secrets)).toEqual(places.map(({ name }) => `${name}: key`));
  expect(findSecrets([{ name: 'clean', content: 'sk-canary is not all of it' }], secrets)).toEqual([]);
});
