import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { virtualClock } from '../exchange/virtual-clock.ts';
import { collectorOf } from './collector.ts';
import { createExporter, type Exporter, type Post } from './exporter.ts';
import type { Span } from './otlp.ts';
import { post } from './post.ts';
import { telemetrySettings } from './settings.ts';
import { spanMaker } from './spans.ts';
import { told } from './testing.ts';
import { parseTraceparent, traceparentFor } from './trace-context.ts';

// What a collector accepts: opentelemetry-proto's JSON mapping (ids in hexadecimal, enums as numbers, 64 bits as strings), no unknown field.
const value = z.union([
  z.strictObject({ stringValue: z.string() }),
  z.strictObject({ boolValue: z.boolean() }),
  z.strictObject({ intValue: z.string().regex(/^-?\d+$/) }),
  z.strictObject({ doubleValue: z.number() }),
  z.strictObject({ arrayValue: z.strictObject({ values: z.array(z.strictObject({ stringValue: z.string() })) }) }),
]);
const attributes = z.array(z.strictObject({ key: z.string().min(1), value }));
const time = z.string().regex(/^\d{10,19}$/);
const spanSchema = z.strictObject({
  traceId: z.string().regex(/^[\da-f]{32}$/),
  spanId: z.string().regex(/^[\da-f]{16}$/),
  parentSpanId: z
    .string()
    .regex(/^[\da-f]{16}$/)
    .optional(),
  name: z.string().min(1),
  kind: z.literal([2, 3]),
  startTimeUnixNano: time,
  endTimeUnixNano: time,
  attributes,
  events: z.array(z.strictObject({ timeUnixNano: time, name: z.string(), attributes })),
  status: z.strictObject({ code: z.literal(2).optional(), message: z.string().optional() }),
});
const exportSchema = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes }),
      scopeSpans: z.array(
        z.strictObject({ scope: z.strictObject({ name: z.literal('understudy'), version: z.string() }), spans: z.array(spanSchema) }),
      ),
    }),
  ),
});

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** An OTLP collector: takes what it can parse, says 400 to all else. */
async function collector(statuses: number[] = []) {
  const got: { path: string; headers: IncomingHttpHeaders; body: z.infer<typeof exportSchema> }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const status = statuses.shift() ?? 200;
      const parsed = exportSchema.safeParse(JSON.parse(Buffer.concat(chunks).toString()));
      if (status === 200 && parsed.success) got.push({ path: request.url!, headers: request.headers, body: parsed.data });
      response.writeHead(parsed.success ? status : 400, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => void (server.closeAllConnections(), server.close(() => resolve()))));
  const spans = () => got.flatMap(({ body }) => body.resourceSpans.flatMap((each) => each.scopeSpans.flatMap((scope) => scope.spans)));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, got, spans };
}

type Sent = z.infer<typeof spanSchema>;

function attributesOf({ attributes: list }: Pick<Sent, 'attributes'>): Record<string, unknown> {
  return Object.fromEntries(list.map(({ key, value: any }) => [key, Object.values(any)[0]]));
}

const PARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

function exporterTo(
  url: string,
  more: Partial<Parameters<typeof createExporter>[0]> = {},
): Exporter & { troubles: (string | undefined)[] } {
  const troubles: (string | undefined)[] = [];
  const made = createExporter({
    url,
    headers: { 'x-team': 'blue' },
    resource: { attributes: { 'service.name': 'understudy' }, version: '1.2.3' },
    clock: virtualClock(),
    post,
    onTrouble: (why) => troubles.push(why),
    ...more,
  });
  return { ...made, troubles };
}

describe('an exchange', () => {
  test('is one span, with one below it for each attempt, in the trace of its client, as a collector reads it', async () => {
    const there = await collector();
    const exporter = exporterTo(`${there.url}/v1/traces`);
    const asked = told(spanMaker(exporter.add), 'x_1', { traceparent: PARENT, session: 's-1' });
    asked.begins(0, 'lead', 'first', 1100);
    asked.fails(0, 'you said MY QUESTION', 3100);
    asked.begins(1, 'google', 'next', 3101);
    asked.entry({ type: 'seam', from: 'lead/m', to: 'google/m', delivered: 12, join: 'anchor' }, 3200);
    asked.ends(1, 4000);
    asked.completes(4001);
    await exporter.close();

    expect(there.got[0]).toMatchObject({ path: '/v1/traces', headers: { 'x-team': 'blue', 'content-type': 'application/json' } });
    const [whole, lead, backup] = there.spans() as [Sent, Sent, Sent];
    expect(there.spans()).toHaveLength(3);
    expect([whole.traceId, whole.parentSpanId]).toEqual(PARENT.split('-').slice(1, 3));
    expect([lead.parentSpanId, backup.parentSpanId, lead.traceId]).toEqual([whole.spanId, whole.spanId, whole.traceId]);
    expect([whole.name, lead.name, backup.name, whole.kind, lead.kind]).toEqual(['chat gpt', 'chat m', 'chat m', 2, 3]);
    expect([whole.startTimeUnixNano, whole.endTimeUnixNano]).toEqual(['1000000000', '4001000000']);
    expect(attributesOf(whole)).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'gpt',
      'gen_ai.conversation.id': 's-1',
      'gen_ai.response.id': 'msg_1',
      'gen_ai.usage.input_tokens': '30',
      'understudy.exchange.id': 'x_1',
      'understudy.outcome': 'complete',
    });
    expect(attributesOf(lead)).toMatchObject({ 'error.type': '529', 'understudy.fault.symptom': 'status', 'gen_ai.provider.name': 'lead' });
    expect([lead.status, backup.status]).toEqual([{ code: 2, message: '529' }, {}]);
    expect(attributesOf(backup)).toMatchObject({ 'gen_ai.provider.name': 'gcp.gemini', 'gen_ai.response.time_to_first_chunk': 0.002 });
    expect(whole.events.map(({ name }) => name)).toEqual(['understudy.seam']);
    expect(JSON.stringify(there.got)).not.toContain('MY QUESTION');
  });

  test('whose client wants no record has none; one without a trace has its own', () => {
    const spans: Span[] = [];
    const take = (made: Span[]): void => void spans.push(...made);
    told(spanMaker(take), 'x_1', { traceparent: PARENT.replace(/01$/, '00') }).completes();
    expect(spans).toEqual([]);
    told(spanMaker(take), 'x_2').completes();
    told(spanMaker(take), 'x_3', { traceparent: 'nonsense' }).completes();
    expect(new Set(spans.map(({ trace }) => trace)).size).toBe(2);
    expect(spans.every(({ parent }) => parent === undefined)).toBe(true);
  });

  test('tells a target the attempt as its parent', () => {
    const spans: Span[] = [];
    const asked = told(
      spanMaker((made) => spans.push(...made)),
      'x_1',
      { traceparent: PARENT },
    );
    asked.begins(0, 'lead');
    asked.ends(0);
    asked.completes();
    expect(parseTraceparent(traceparentFor('x_1', 0, PARENT))).toEqual({ trace: spans[1]!.trace, parent: spans[1]!.span, sampled: true });
  });

  test.each([
    ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more', false],
    ['cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more', true],
    ['ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', false],
    ['00-00000000000000000000000000000000-00f067aa0ba902b7-01', false],
    ['00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01', false],
  ])('traceparent %s', (header, valid) => expect(parseTraceparent(header) !== undefined).toBe(valid));
});

describe('the exporter', () => {
  const some = (count: number): Span[] =>
    Array.from({ length: count }, (_, index) => ({
      trace: 'a'.repeat(32),
      span: 'b'.repeat(16),
      name: `n${index}`,
      kind: 'client' as const,
      from: 1_780_000_000_000,
      to: 1_780_000_000_001,
      attributes: {},
      events: [],
    }));

  test('sends in batches, after a while or when one is full', async () => {
    const clock = virtualClock();
    const sizes: number[] = [];
    const counting: Post = async (_url, _headers, body) => {
      sizes.push(exportSchema.parse(JSON.parse(body)).resourceSpans[0]!.scopeSpans[0]!.spans.length);
      return { status: 200 };
    };
    const exporter = exporterTo('http://nowhere', { clock, post: counting });
    exporter.add(some(3));
    await clock.advance(4900);
    expect(sizes).toEqual([]);
    await clock.advance(200);
    expect(sizes).toEqual([3]);
    exporter.add(some(600));
    await clock.advance(1);
    expect(sizes).toEqual([3, 512]);
    await clock.advance(5000);
    expect([sizes, exporter.figures()]).toEqual([[3, 512, 88], { exported: 603, dropped: 0, queued: 0 }]);
  });

  test('backs off from a collector that is down, keeps what has room, counts what has none, and says so once', async () => {
    const clock = virtualClock();
    const at: number[] = [];
    let up = false;
    const flaky: Post = async () => {
      at.push(clock.monotonic());
      if (!up) throw new Error('ECONNREFUSED key-in-message');
      return { status: 200 };
    };
    const exporter = exporterTo('http://nowhere', { clock, post: flaky });
    exporter.add(some(3000));
    expect(exporter.figures()).toEqual({ exported: 0, dropped: 952, queued: 2048 });
    await clock.advance(16_000);
    const pauses = at.slice(1).map((moment, index) => moment - at[index]!);
    expect(pauses).toEqual([1000, 2000, 4000, 8000]);
    exporter.add(some(10));
    expect(exporter.figures()).toEqual({ exported: 0, dropped: 962, queued: 2048 });
    up = true;
    await clock.advance(60_000);
    expect(exporter.figures()).toEqual({ exported: 2048, dropped: 962, queued: 0 });
    expect(exporter.troubles).toEqual(['the collector cannot be reached', undefined]);
  });

  test('tries again what the collector asks for again, and drops what it refuses', async () => {
    const there = await collector([503, 200]);
    const retried = exporterTo(`${there.url}/v1/traces`);
    retried.add(some(1));
    await retried.close();
    expect(retried.figures()).toEqual({ exported: 0, dropped: 1, queued: 0 });
    const refusing = await collector([400]);
    const refused = exporterTo(`${refusing.url}/v1/traces`);
    refused.add(some(2));
    await refused.close();
    expect(refused.figures()).toEqual({ exported: 0, dropped: 2, queued: 0 });
    expect(refused.troubles).toEqual(['the collector answered with status 400']);
  });
});

describe('the collector', () => {
  const of = (settings: object, environment: Record<string, string> = {}) => collectorOf(telemetrySettings.parse(settings), environment);

  test('is nobody unless somebody names one', () => {
    expect(of({})).toBeUndefined();
    expect(of({ traces: 'on' })).toBeUndefined();
    expect(of({ traces: 'off', endpoint: 'http://c:4318' })).toBeUndefined();
    expect(of({}, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_SDK_DISABLED: 'true' })).toBeUndefined();
  });

  test('is named by the file, else by the usual variables', () => {
    const environment = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318/',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20abc,x-b=1',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=mine,team=blue',
    };
    expect(of({}, environment)).toEqual({
      url: 'http://c:4318/v1/traces',
      headers: { authorization: 'Basic abc', 'x-b': '1' },
      resource: { 'service.name': 'mine', team: 'blue' },
    });
    expect(of({}, { ...environment, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t/here' })?.url).toBe('http://t/here');
    const own = of({ endpoint: 'http://file:4318', headers: { k: 'v' } }, environment);
    expect([own?.url, own?.headers]).toEqual(['http://file:4318/v1/traces', { k: 'v' }]);
    expect(of({ endpoint: 'http://file/custom' })?.url).toBe('http://file/custom');
  });
});
