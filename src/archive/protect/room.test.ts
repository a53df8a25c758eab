import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { retentionKeeper } from '../retention/keeper.ts';
import { retentionRules } from '../retention/rule.ts';
import { retentionSettings } from '../retention/settings.ts';
import { changedConversations, messagesOf } from '../store/read.ts';
import { protectionOf } from './pass.ts';
import { testHome, type TestHome } from './testing/homes.ts';

const DAY = 24 * 60 * 60_000;
const SESSION = '0b5c5a52-6a5e-4f1c-9a51-1f2d3c4b5a69';
const line = (at: string, text: string): string =>
  `${JSON.stringify({ type: 'user', uuid: `u-${at}`, sessionId: SESSION, timestamp: `${at}T10:00:00.000Z`, cwd: '/p', message: { role: 'user', content: text } })}\n`;

let home: TestHome;
beforeEach(() => {
  home = testHome();
});
afterEach(() => home.close());

it('copies wait while the disk is nearly full, and are complete once there is room', async () => {
  const path = home.write(`.claude/projects/p/${SESSION}.jsonl`, line('2026-01-01', 'first'));
  const archive = home.open();
  const { pass, ledger } = protectionOf(archive);
  const report = await pass(home.stores, { now: Date.now, hasRoom: () => false });
  expect([report.troubles, ledger.all()]).toEqual([[], []]);
  let asked = 0;
  await pass(home.stores, { now: Date.now, hasRoom: () => asked++ === 0 });
  expect(changedConversations(archive, 0, 9)).toEqual([]);
  await pass(home.stores, { now: Date.now, hasRoom: () => true });
  const [kept] = ledger.all();
  expect(readFileSync(join(archive.folder, kept!.copy)).equals(readFileSync(path))).toBe(true);
  expect(kept!.readSize).toBe(statSync(path).size);
  expect(changedConversations(archive, 0, 9)).toHaveLength(1);
});

it('does not bring back what retention has removed, until its session goes on', async () => {
  const path = home.write(`.claude/projects/p/${SESSION}.jsonl`, line('2026-01-01', 'first'));
  const archive = home.open();
  const protection = protectionOf(archive);
  await protection.pass(home.stores, { now: Date.now });
  expect(changedConversations(archive, 0, 9)).toHaveLength(1);
  let now = Date.UTC(2026, 6, 1);
  const keeper = retentionKeeper(
    archive,
    retentionRules(retentionSettings.parse([{ olderThan: '90d' }]), '/'),
    () => now,
    () => undefined,
  );
  const follow = (): void => {
    while (keeper.step());
  };
  follow();
  now += 8 * DAY;
  follow();
  expect(changedConversations(archive, 0, 9)).toEqual([]);
  await protection.pass(home.stores, { now: Date.now });
  await protectionOf(archive).pass(home.stores, { now: Date.now });
  expect(changedConversations(archive, 0, 9)).toEqual([]);
  appendFileSync(path, line('2026-07-10', 'second'));
  await protection.pass(home.stores, { now: Date.now });
  const [back] = changedConversations(archive, 0, 9);
  expect([...messagesOf(archive, back!.id)].map(({ key }) => key)).toEqual(['u-2026-01-01', 'u-2026-07-10']);
  expect(readFileSync(join(archive.folder, protection.ledger.newestOf(path)!.copy)).equals(readFileSync(path))).toBe(true);
  appendFileSync(path, line('2026-07-11', 'third'));
  await protection.pass(home.stores, { now: Date.now });
  expect(changedConversations(archive, 0, 9)[0]).toMatchObject({ messages: 3 });
});
