import { z } from 'zod';
import type { JsonObject } from '../exchange/json.ts';
import { byteSize, duration } from '../journal/units.ts';
import { schemasAt } from './schema-at.ts';

/** What a number in force counts, where the file writes it with a unit. */
export type Unit = 'duration' | 'size';

/** Their texts are how the schema tells them from other settings. */
const PATTERNS: readonly [pattern: unknown, unit: Unit][] = [
  [patternOf(duration), 'duration'],
  [patternOf(byteSize), 'size'],
];

function patternOf(schema: z.ZodType): unknown {
  return schemasAt([], z.toJSONSchema(schema, { io: 'input' }) as JsonObject).find((one) => one['type'] === 'string')?.['pattern'];
}

/** The unit of the setting at a path; `undefined` for plain numbers and all else. */
export function unitAt(path: readonly PropertyKey[], schema: JsonObject): Unit | undefined {
  const patterns = schemasAt(path, schema).map((one) => one['pattern']);
  return PATTERNS.find(([pattern]) => patterns.includes(pattern as string))?.[1];
}

const SCALES: Readonly<Record<Unit, readonly [name: string, scale: number][]>> = {
  duration: [
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
    ['ms', 1],
  ],
  size: [
    ['GiB', 1024 ** 3],
    ['MiB', 1024 ** 2],
    ['KiB', 1024],
    ['B', 1],
  ],
};

/** Milliseconds or bytes as the file takes them: `15s`, `64MiB`; in the largest unit that leaves a whole number. */
export function unitText(value: number, unit: Unit): string {
  const scales = SCALES[unit];
  const [name, scale] = scales.find(([, each]) => value !== 0 && value % each === 0) ?? scales.at(-1)!;
  return `${value / scale}${name}`;
}
