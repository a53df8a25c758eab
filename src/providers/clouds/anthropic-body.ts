import { members } from '../../dialects/json-spans.ts';
import type { Json } from '../../exchange/json.ts';
import type { Result } from '../../exchange/result.ts';
import { err, ok } from '../../exchange/result.ts';

/** The top level of a JSON object written anew: some members left out, some put before the others; the other values' bytes stay as they are. */
export function withMembers(body: Buffer, without: readonly string[], first: Readonly<Record<string, Json>>): Result<Buffer, string> {
  const found = members(body);
  if (!found.ok) return err(`the request is not JSON: ${found.error.message}`);
  const pieces: Buffer[] = [];
  const put = (name: string, value: Buffer): void => {
    pieces.push(Buffer.from(`${pieces.length === 0 ? '{' : ','}${JSON.stringify(name)}:`), value);
  };
  for (const [name, value] of Object.entries(first)) {
    if (!found.value.has(name)) put(name, Buffer.from(JSON.stringify(value)));
  }
  for (const [name, { start, end }] of found.value) {
    if (!without.includes(name)) put(name, body.subarray(start, end));
  }
  if (pieces.length === 0) return ok(Buffer.from('{}'));
  pieces.push(Buffer.from('}'));
  return ok(Buffer.concat(pieces));
}

/** The value of a header, all of its occurrences joined. */
export function headerOf(headers: readonly (readonly [string, string])[], name: string): string | undefined {
  const values = headers.filter(([given]) => given.toLowerCase() === name).map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(',');
}
