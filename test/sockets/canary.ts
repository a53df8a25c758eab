import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Somewhere that must be free of secrets, with what stands there. */
export interface Place {
  name: string;
  content: string | Buffer;
}

/**
 * `PLACE: SECRET` for every secret that is found, in plain or in base 64 (whatever stands before it, as in Basic
 * authentication) or percent-encoded or in hexadecimal.
 */
export function findSecrets(places: readonly Place[], secrets: Readonly<Record<string, string>>): string[] {
  const forms = Object.entries(secrets).flatMap(([name, secret]) => formsOf(secret).map((form) => ({ name, form: Buffer.from(form) })));
  return places.flatMap(({ name: place, content }) => {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    return [...new Set(forms.filter(({ form }) => bytes.includes(form)).map(({ name }) => `${place}: ${name}`))];
  });
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  // Three bytes make four characters; at the edges a character mixes in a neighbour's bits, so it is left out.
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    return text.slice(Math.ceil((shift * 8) / 6), -1);
  });
  return [
    secret,
    encodeURIComponent(secret),
    bytes.toString('hex'),
    ...base64,
    ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  ];
}

/** Every file below a folder, as it lies on disk. */
export function filesIn(folder: string): Place[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ name: path.slice(folder.length + 1), content: readFileSync(path) }));
}
