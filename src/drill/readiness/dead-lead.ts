import { dialectOf } from '../../dialects/all.ts';
import { parseObject } from '../../exchange/json.ts';
import type { AnswerEvent } from '../../exchange/event.ts';
import type { World } from '../../failover/plan.ts';
import type { Call } from '../../providers/call.ts';
import type { Provider } from '../../providers/provider.ts';

/** How a lead dies: each of these was seen on 2 June 2026. `cut`: in the middle of its answer. */
export const OUTAGES = ['overloaded', 'refused', 'reset', 'error'] as const;
export type Outage = (typeof OUTAGES)[number] | { type: 'cut'; said: string };

/** An address that nobody can have (RFC 2606): what is sent there is answered here, and leaves this process nowhere. */
const NOWHERE = 'http://lead.drill.invalid';

/** The world in which some targets are dead: no request and no key reaches them. */
export function worldWithout(world: World, isDead: (provider: string, model: string) => boolean): World {
  return {
    ...world,
    provider(name, model) {
      const provider = world.provider(name, model);
      return provider && isDead(name, model) ? dead(provider) : provider;
    },
  };
}

function dead(provider: Provider): Provider {
  const { accounts: _accounts, hosting: _hosting, faces, concurrency: _most, ...rest } = provider;
  const openai = provider.dialect === 'openai-chat' || provider.dialect === 'openai-responses';
  return {
    ...rest,
    baseUrl: openai ? `${NOWHERE}/v1` : NOWHERE,
    credential: { type: 'none' },
    headers: {},
    ...(faces && { faces: new Map([...faces].map(([dialect, face]) => [dialect, dead(face)])) }),
  };
}

/** Plays the dead lead's part, and lets all other calls through. An answer is cut once; whoever asks again finds nobody. */
export function withDeadLead(call: Call, outage: Outage): Call {
  let cuts = 0;
  return (request, handler) => {
    if (request.origin !== NOWHERE) return call(request, handler);
    let left = false;
    const played = typeof outage === 'object' && cuts++ > 0 ? 'refused' : outage;
    queueMicrotask(() => {
      if (left) return;
      if (typeof played === 'object') {
        const dialect = request.path.includes('/messages')
          ? 'anthropic-messages'
          : request.path.includes('/chat/')
            ? 'openai-chat'
            : request.path.includes('/responses')
              ? 'openai-responses'
              : 'gemini';
        const json = parseObject(request.body.toString('utf8'));
        const model = typeof json?.['model'] === 'string' ? json['model'] : 'lead';
        const encoder = dialectOf(dialect).encoder({
          exchange: 'x_drill',
          head: { model, stream: true, includeUsage: false },
          created: 0,
          request: () => json,
        });
        handler.headers(200, { 'content-type': 'text/event-stream' });
        handler.data(Buffer.from(encoder.encode(halfAnswer(model, played.said))));
        return handler.error({ symptom: 'reset', local: false, message: 'the connection was reset (the drill cut it)' });
      }
      switch (played) {
        case 'refused':
        case 'reset':
          return handler.error({ symptom: played, local: false, message: `the connection was ${played} (the lead is dead in this drill)` });
        case 'overloaded':
        case 'error': {
          const status = played === 'error' ? 500 : 503;
          handler.headers(status, { 'content-type': 'application/json' });
          handler.data(Buffer.from(JSON.stringify({ error: { type: 'overloaded_error', message: 'the lead is dead in this drill' } })));
          return handler.end();
        }
      }
    });
    return () => (left = true);
  };
}

function halfAnswer(model: string, text: string): AnswerEvent[] {
  return [
    { type: 'start', id: 'msg_drill', model },
    { type: 'part-start', index: 0, part: { type: 'text' } },
    { type: 'part-delta', index: 0, delta: { type: 'text', text } },
  ];
}
