import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openWatch } from '../store/open.ts';
import type { Judgement } from '../verdict.ts';
import { createVerdictLog, type VerdictLog } from './verdict-log.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
let folder: string;
let database: DatabaseSync;
let log: VerdictLog;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-verdicts-'));
  const opened = openWatch(folder);
  if (!opened.ok) throw new Error(opened.error.reason);
  database = opened.value;
  log = createVerdictLog(database);
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

const said = (verdict: Judgement['verdict'], key = 'a/api'): Judgement => ({
  key,
  verdict,
  since: 0,
  score: 1,
  evidence: [],
  summary: 's',
});

it('has the last word on each key, over a restart, and not over a night', () => {
  log.add(said('operational'), 1 * MINUTE);
  log.add(said('down'), 10 * MINUTE);
  log.add(said('operational', 'b/api'), 20 * MINUTE);
  log.alive(25 * MINUTE);
  expect(log.last(30 * MINUTE)).toEqual([
    { key: 'a/api', verdict: 'down', since: 10 * MINUTE },
    { key: 'b/api', verdict: 'operational', since: 20 * MINUTE },
  ]);
  expect(log.last(DAY)).toEqual([]);
});

it('tells what was said from some moment on, with the word before, and that nobody looked', () => {
  log.add(said('operational'), 0);
  log.add(said('degraded'), 5 * MINUTE);
  log.alive(9 * MINUTE);
  log.last(DAY);
  expect(log.since('a/api', 2 * MINUTE)).toEqual([
    { at: 0, verdict: 'operational' },
    { at: 5 * MINUTE, verdict: 'degraded' },
    { at: 9 * MINUTE, verdict: 'unknown' },
  ]);
  // Again changes nothing.
  log.last(2 * DAY);
  expect(log.since('a/api', 2 * MINUTE)).toHaveLength(3);
});

it('forgets after a quarter', () => {
  log.add(said('down'), 0);
  log.add(said('operational'), 101 * DAY);
  expect(log.since('a/api', 0)).toEqual([{ at: 101 * DAY, verdict: 'operational' }]);
});
