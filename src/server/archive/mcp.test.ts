import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunningServer } from '../listen.ts';
import { serve, stage, type Stage } from '../testing/scripted-ports.ts';

let on: Stage;
let server: RunningServer;

beforeAll(async () => {
  const archive: Stage['ports']['archive'] = {
    ask: (asked) => Promise.resolve({ ok: true, value: asked === 'handoff' ? 'Go on.' : undefined } as never),
  };
  on = stage({ ports: { archive } });
  server = await serve(on);
});
afterAll(() => server.close());

it('the archive is there for MCP clients, by HTTP', async () => {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', server.address)));
  expect((await client.listTools()).tools).toHaveLength(4);
  expect((await client.callTool({ name: 'get_handoff', arguments: { id: 'c_1' } })).content).toEqual([{ type: 'text', text: 'Go on.' }]);
  expect((await client.callTool({ name: 'get_conversation', arguments: { id: 'c_1' } })).isError).toBe(true);
  await client.close();
});

it('pages of other sites can’t ask it', async () => {
  const answer = await fetch(new URL('/mcp', server.address), {
    method: 'POST',
    headers: { origin: 'https://evil.example', 'content-type': 'application/json' },
    body: '{}',
  });
  expect(answer.status).toBe(403);
});
