import { readFileSync, statSync } from 'node:fs';
import { inspect } from 'node:util';
import type { Result } from '../exchange/result.ts';
import { err, ok } from '../exchange/result.ts';
import type { Credential } from './provider.ts';
import type { KeyScheme } from './catalogue/preset.ts';

/** What stands where a secret would. */
export const MASK = '[secret]';

/** A key whose value does not show in JSON, logs or error dumps; only reading `value` gives it. */
export function keyCredential(value: string, scheme: KeyScheme): Credential & { type: 'key' } {
  const shown = { type: 'key' as const, scheme, value: MASK };
  return Object.defineProperties(
    { type: 'key' as const, scheme },
    {
      value: { value, enumerable: false },
      toJSON: { value: () => shown, enumerable: false },
      [inspect.custom]: { value: () => shown, enumerable: false },
    },
  ) as Credential & { type: 'key' };
}

/** Enough of a key to tell it from another: `sk-ant…3f9a`; nothing of short ones. */
export function mask(key: string): string {
  if (key.length < 20) return MASK;
  return `${key.slice(0, 6)}…${key.slice(-4)}`;
}

/** Reads a key from a file that only its owner may read (no permissions for group and others; Windows has no such bits). */
export function readKeyFile(path: string, platform: NodeJS.Platform): Result<string, string> {
  try {
    const { mode } = statSync(path);
    if (platform !== 'win32' && (mode & 0o077) !== 0) {
      return err(`${path} can be read by others (mode ${(mode & 0o777).toString(8)}); run: chmod 600 ${path}`);
    }
    const key = readFileSync(path, 'utf8').trim();
    if (key === '') return err(`${path} is empty; write the key into it`);
    if (/[^\u0021-\u007e]/.test(key)) return err(`${path} holds more than a key: spaces, line breaks or other characters that no key has`);
    return ok(key);
  } catch (cause) {
    return err(`${path} cannot be read (${cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error'})`);
  }
}

/** Shorter ones are words like `test`; taking them out would garble texts and protect nothing. */
const SHORTEST_SECRET = 6;

/** Takes every known key out of a text, also in its base64, URL-encoded and JSON-escaped forms. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const forms = new Set<string>();
  for (const secret of secrets) {
    if (secret.length < SHORTEST_SECRET) continue;
    forms.add(secret);
    forms.add(encodeURIComponent(secret));
    forms.add(JSON.stringify(secret).slice(1, -1));
    for (const form of base64Forms(secret)) forms.add(form);
  }
  if (forms.size === 0) return (text) => text;
  const longestFirst = [...forms].sort((one, other) => other.length - one.length);
  const pattern = new RegExp(longestFirst.map((form) => form.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'g');
  return (text) => text.replace(pattern, MASK);
}

/** As a secret looks inside of base64 text, at each of the three places where it may begin in a group, without the letters that it shares with its neighbours. */
function base64Forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const forms: string[] = [];
  for (let before = 0; before < 3; before++) {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const start = [0, 2, 3][before]!;
    const whole = Math.floor(((before + bytes.length) * 8) / 6);
    const core = encoded.slice(start, whole);
    forms.push(core, core.replaceAll('+', '-').replaceAll('/', '_'));
  }
  return forms.filter((form) => form.length >= SHORTEST_SECRET);
}
