import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openArchive } from '../store/open.ts';
import { putInto } from '../store/put.ts';

const folder = mkdtempSync(join(tmpdir(), 'understudy-mcp-'));
const client = new Client({ name: 'test', version: '1' });
let id: string;

beforeAll(async () => {
  const opened = openArchive(folder);
  if (!opened.ok) throw new Error(opened.error.reason);
  const put = putInto(opened.value);
  ({ id } = put.conversation({ source: 'codex', key: 'a', title: 'Kafka rebalance', project: '/w', updatedAt: 2 }, [
    { key: '1', role: 'user', status: 'complete', parts: [{ type: 'text', text: 'Why does the consumer group rebalance?' }] },
    { key: '2', parent: '1', role: 'assistant', status: 'complete', parts: [{ type: 'text', text: 'Heartbeats are late. '.repeat(3000) }] },
  ]));
  put.conversation({ source: 'chatgpt', key: 'b', title: 'Bread', updatedAt: 1 }, [
    { key: '1', role: 'user', status: 'complete', parts: [{ type: 'text', text: 'How long to bake?' }] },
  ]);
  opened.value.close();
  const program = join(import.meta.dirname, '..', '..', '..', 'bin', 'understudy');
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: [program, 'mcp', '--data', folder], cwd: folder, env: { HOME: folder } }),
  );
}, 30_000);
afterAll(async () => {
  await client.close();
  rmSync(folder, { recursive: true, force: true });
});

async function call(name: string, given: Record<string, unknown>): Promise<{ text: string; isError: boolean }> {
  const result = await client.callTool({ name, arguments: given });
  const [part] = result.content;
  return { text: part?.type === 'text' ? part.text : '', isError: result.isError === true };
}

describe('understudy mcp, by an official client', () => {
  it('offers tools that only read', async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name).toSorted()).toEqual([
      'get_conversation',
      'get_handoff',
      'list_recent_conversations',
      'search_conversations',
    ]);
    expect(tools.every(({ annotations }) => annotations?.readOnlyHint === true)).toBe(true);
  });

  it('finds, lists and reads, part by part', async () => {
    expect((await call('search_conversations', { query: 'consumer rebalance' })).text).toContain(`${id} “Kafka rebalance” (codex`);
    expect((await call('search_conversations', { query: 'unicorns' })).text).toContain('Nothing was found for: unicorns');
    expect((await call('list_recent_conversations', {})).text.split('\n')).toHaveLength(2);
    expect((await call('list_recent_conversations', { project: '/w' })).text).toMatch(
      new RegExp(`^- ${id} “Kafka rebalance” .*2 messages\\)$`),
    );

    let whole = '';
    let from: number | undefined = 0;
    while (from !== undefined) {
      const { text } = await call('get_conversation', { id, from });
      const [, next] = /\n\n\[It goes on: from (\d+)\]$/.exec(text) ?? [];
      whole += text.replace(/\n\n\[It goes on: from \d+\]$/, '');
      from = next === undefined ? undefined : Number(next);
    }
    expect(whole.match(/Heartbeats are late\./g)).toHaveLength(3000);
  });

  it('hands over', async () => {
    expect((await call('get_handoff', { id })).text).toContain('## Goal, as first asked\n\nWhy does the consumer group rebalance?');
  });

  it('says what is wrong', async () => {
    expect(await call('get_conversation', { id: 'c_nope' })).toEqual({
      text: expect.stringContaining('There is no conversation c_nope'),
      isError: true,
    });
    expect((await call('list_recent_conversations', { limit: 0 })).isError).toBe(true);
  });
});
