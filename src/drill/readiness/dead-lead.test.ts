import { describe, expect, it } from 'vitest';
import { dialectOf } from '../../dialects/all.ts';
import type { DialectName } from '../../exchange/dialect-name.ts';
import type { World } from '../../failover/plan.ts';
import type { Call, TransportError, UpstreamRequest } from '../../providers/call.ts';
import { resolveProviders } from '../../providers/resolve.ts';
import { providersSettings } from '../../providers/settings.ts';
import { type Outage, OUTAGES, withDeadLead, worldWithout } from './dead-lead.ts';

const DIALECTS: DialectName[] = ['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini'];

interface Seen {
  status?: number;
  body: string;
  error?: TransportError;
  ended: boolean;
}

function ask(call: Call, request: UpstreamRequest): Promise<Seen> {
  return new Promise((resolve) => {
    const seen: Seen = { body: '', ended: false };
    call(request, {
      headers: (status) => void (seen.status = status),
      data: (chunk) => void (seen.body += chunk.toString()),
      end: () => resolve({ ...seen, ended: true }),
      error: (error) => resolve({ ...seen, error }),
    });
  });
}

function requestTo(origin: string, path: string): UpstreamRequest {
  return { method: 'POST', origin, path, headers: [], body: Buffer.from('{"model":"m"}'), connectTimeout: 1, fresh: false };
}

/** Notes what gets through. */
function outside(): { call: Call; through: string[] } {
  const through: string[] = [];
  return {
    through,
    call(request, handler) {
      through.push(request.origin);
      queueMicrotask(() => handler.end());
      return () => undefined;
    },
  };
}

describe('a dead lead', () => {
  const found = resolveProviders(
    providersSettings.parse({
      lead: { dialect: 'openai-chat', baseUrl: 'https://lead.example/v1', apiKey: 'secret', headers: { 'x-team': 't' } },
    }),
    { environment: {}, home: '/', platform: 'linux' },
  );
  const provider = found.ok ? found.value.providers[0]! : undefined;
  const world = { provider: () => provider } as unknown as World;

  it('has no key, no headers and no address of its own; its other models are as they were', () => {
    const dead = worldWithout(world, (_name, model) => model === 'a').provider('lead', 'a')!;
    expect([dead.credential, dead.headers, new URL(dead.baseUrl).hostname]).toEqual([{ type: 'none' }, {}, 'lead.drill.invalid']);
    expect(worldWithout(world, (_name, model) => model === 'a').provider('lead', 'b')).toBe(provider);
  });

  it.each(OUTAGES)('is %s, and nothing that was meant for it gets out', async (outage) => {
    const { call, through } = outside();
    const seen = await ask(withDeadLead(call, outage), requestTo('http://lead.drill.invalid', '/v1/chat/completions'));
    expect(seen.error !== undefined || (seen.status ?? 0) >= 500).toBe(true);
    expect(through).toEqual([]);
    await ask(withDeadLead(call, outage), requestTo('https://backup.example', '/v1/chat/completions'));
    expect(through).toEqual(['https://backup.example']);
  });

  it.each(DIALECTS)('dies once in the middle of an answer, in the words of %s, and is gone after that', async (dialect) => {
    const cut: Outage = { type: 'cut', said: 'Half of it, and then' };
    const call = withDeadLead(outside().call, cut);
    const path =
      { 'openai-chat': '/v1', 'openai-responses': '/v1', 'anthropic-messages': '', gemini: '' }[dialect] +
      dialectOf(dialect).endpoint('m', true);
    const first = await ask(call, requestTo('http://lead.drill.invalid', path));
    expect(first.error?.symptom).toBe('reset');
    const frames = dialectOf(dialect).decoder().push(Buffer.from(first.body));
    const text = frames.flatMap((frame) =>
      'events' in frame
        ? frame.events.flatMap((event) => (event.type === 'part-delta' && event.delta.type === 'text' ? [event.delta.text] : []))
        : [],
    );
    expect(text.join('')).toBe(cut.said);
    expect((await ask(call, requestTo('http://lead.drill.invalid', path))).error?.symptom).toBe('refused');
  });
});
