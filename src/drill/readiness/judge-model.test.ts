import { expect, it } from 'vitest';
import { dialectOf } from '../../dialects/all.ts';
import { systemClock } from '../../exchange/clock.ts';
import { createConcurrency } from '../../failover/concurrency.ts';
import { parseRoute } from '../../failover/route.ts';
import { deadlinesSettings, failoverSettings, routesSettings } from '../../failover/settings.ts';
import { makeWorld } from '../../failover/world.ts';
import type { Call } from '../../providers/call.ts';
import { resolveProviders } from '../../providers/resolve.ts';
import { providersSettings } from '../../providers/settings.ts';
import type { Heard } from './ask.ts';
import type { Cast } from './casts.ts';
import { judgeBy } from './judge-model.ts';
import type { Prompt } from './past.ts';
import { openPurse } from './purse.ts';

const REQUEST = {
  model: 'm',
  stream: true,
  system: [],
  messages: [{ role: 'user' as const, parts: [{ type: 'text' as const, text: 'Why is the sea salt?' }] }],
  tools: [],
  output: { type: 'text' as const },
  sampling: {},
  stop: [],
};

/** A judge that gives the answer with the word «good» so many points, and the other the rest. */
async function judged(verdict: (content: string) => string, exchange: string, never: string[] = []) {
  const asked: string[] = [];
  const call: Call = (request, handler) => {
    const content = String((JSON.parse(request.body.toString()) as { messages: { content: string }[] }).messages[0]!.content);
    asked.push(content);
    const events = [
      { type: 'start' as const, id: 'a', model: 'j' },
      { type: 'part-start' as const, index: 0, part: { type: 'text' as const } },
      { type: 'part-delta' as const, index: 0, delta: { type: 'text' as const, text: verdict(content) } },
      { type: 'part-end' as const, index: 0 },
      { type: 'finish' as const, reason: 'stop' as const },
    ];
    const encoder = dialectOf('openai-chat').encoder({
      exchange: 'x',
      head: { model: 'j', stream: true, includeUsage: false },
      created: 0,
    });
    queueMicrotask(() => {
      handler.headers(200, { 'content-type': 'text/event-stream' });
      handler.data(Buffer.from(encoder.encode(events) + encoder.end(false)));
      handler.end();
    });
    return () => undefined;
  };
  const found = resolveProviders(
    providersSettings.parse({ wise: { dialect: 'openai-chat', baseUrl: 'https://wise.example/v1', apiKey: 'k' } }),
    {
      environment: {},
      home: '/',
      platform: 'linux',
    },
  );
  if (!found.ok) throw new Error('no judge');
  const routes = routesSettings.parse({ default: { targets: ['wise/j'], never } });
  const world = makeWorld({
    providers: found.value.providers,
    simulated: new Map(),
    ownVendor: () => undefined,
    routes,
    deadlines: deadlinesSettings.parse({}),
    failover: failoverSettings.parse({}),
  });
  const ports = { call, clock: systemClock, random: (bytes: Uint8Array) => bytes, concurrency: createConcurrency(systemClock) };
  const purse = openPurse(systemClock, 1, 60_000, new AbortController().signal);
  const cast = { route: parseRoute('default', routes['default']!) } as unknown as Cast;
  const prompt = { exchange, request: REQUEST, answer: { parts: [{ type: 'text', text: 'a good answer' }] } } as unknown as Prompt;
  const heard = { answer: { parts: [{ type: 'text', text: 'a poor answer' }] } } as unknown as Heard;
  const said = await judgeBy({ ports, world, purse, alone: true }, cast, 'wise/j')(prompt, heard);
  return { said, asked };
}

/** Nine points for the good one, wherever it stands. */
function fair(content: string): string {
  return content.indexOf('a good answer') < content.indexOf('a poor answer')
    ? '{"first": 9, "second": 2}'
    : 'Well: {"first": 2, "second": 9}';
}

it('gives each answer its own points, in whichever order it saw them', async () => {
  for (const exchange of ['x_1', 'x_2']) {
    const { said, asked } = await judged(fair, exchange);
    expect(said).toEqual({ what: 'judge', state: 'bad', said: "wise/j gives it 2 of 10, and the lead's 9" });
    expect(asked[0]).toContain('Why is the sea salt?');
  }
  expect((await judged(() => '{"first": 7, "second": 7}', 'x_1')).said?.state).toBe('good');
});

it('is no judge where it says something else, and is not asked where the route does not admit it', async () => {
  expect((await judged(() => 'Both are fine.', 'x_1')).said?.state).toBe('unchecked');
  const { said, asked } = await judged(fair, 'x_1', ['wise']);
  expect([said?.state, asked]).toEqual(['unchecked', []]);
});
