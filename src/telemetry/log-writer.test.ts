import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { logWriter } from './log-writer.ts';

const folder = mkdtempSync(join(tmpdir(), 'understudy-log-'));
afterAll(() => rmSync(folder, { recursive: true }));

const redact = (text: string): string => text.replaceAll('sk-secret', '[secret]');
const lines = (file: string): string[] => readFileSync(file, 'utf8').split('\n').slice(0, -1);

test('JSON lines with the fields that were given, and no secret in any of them', () => {
  const file = join(folder, 'json');
  const log = logWriter({ level: 'info', format: 'auto' }, redact, false, file);
  log.debug({ event: 'attempt-begun' }, 'unheard');
  log.info({ event: 'switch', from: 'a/sk-secret' }, 'b stands in for a/sk-secret');
  expect(lines(file).map((line) => JSON.parse(line) as object)).toEqual([
    { level: 30, time: expect.any(Number) as number, event: 'switch', from: 'a/[secret]', msg: 'b stands in for a/[secret]' },
  ]);
});

test('sentences on a screen or where they are asked for, and other settings at once', () => {
  const file = join(folder, 'text');
  const log = logWriter({ level: 'warn', format: 'auto' }, redact, true, file);
  log.info({}, 'too quiet');
  log.warn({ room: 'journal' }, 'the disk is full');
  log.apply({ level: 'info', format: 'text' });
  log.info({}, 'b stands in for a');
  log.apply({ level: 'silent', format: 'json' });
  log.error({}, 'unheard');
  expect(lines(file)).toEqual(['! the disk is full', '· b stands in for a']);
});
