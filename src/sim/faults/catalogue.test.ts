import { createParser } from 'eventsource-parser';
import { describe, expect, it } from 'vitest';
import { isObject, parseObject, type JsonObject } from '../../exchange/json.ts';
import { virtualClock } from '../../exchange/virtual-clock.ts';
import type { SimDialect } from '../asked.ts';
import { wholeText } from '../assistant.ts';
import { POSITIONS, positionsOf, type Position } from '../position.ts';
import { questionFor, requestBody, simRequest } from '../sample-request.ts';
import { simCall } from '../sim-call.ts';
import { createSimProvider } from '../sim-provider.ts';
import { FAULTS, faultById } from './catalogue.ts';
import type { Content, Fault } from './fault.ts';

const dialects: SimDialect[] = ['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini'];
const contents: Content[] = ['text', 'tool', 'parallel', 'thinking'];
/** Virtual milliseconds after which silence counts as hanging. */
const PATIENCE = 120_000;

interface Seen {
  status?: number;
  headers: Record<string, string>;
  body: string;
  /** `end`, `hang`, or the symptom of the error. */
  end: string;
  took: number;
}

interface Cell {
  dialect: SimDialect;
  stream: boolean;
  content: Content;
  position?: Position;
}

async function play(fault: string | undefined, cell: Cell, fresh = true): Promise<Seen> {
  const clock = virtualClock();
  const rule =
    fault === undefined
      ? []
      : [{ fault, scope: {}, schedule: { type: 'ever' as const }, ...(cell.position === undefined ? {} : { position: cell.position }) }];
  const provider = createSimProvider({ clock, faults: rule });
  const call = simCall({ clock, providers: { 'sim.test': provider } });
  const request = simRequest(cell.dialect, requestBody(cell.dialect, cell.stream, cell.content, 'm'), { model: 'm', stream: cell.stream });
  const seen: Seen = { headers: {}, body: '', end: 'hang', took: PATIENCE };
  const pieces: Buffer[] = [];
  const over = (end: string): void => {
    seen.end = end;
    seen.took = clock.monotonic();
  };
  const cancel = call(
    {
      ...request,
      origin: 'https://sim.test',
      headers: Object.entries(request.headers).map(([name, value]) => [name, value!]),
      connectTimeout: 5000,
      fresh,
    },
    {
      headers(status, headers) {
        seen.status = status;
        seen.headers = headers;
      },
      data: (chunk) => void pieces.push(chunk),
      end: () => over('end'),
      error: (error) => over(error.symptom),
    },
  );
  await clock.drain(PATIENCE);
  cancel();
  seen.body = Buffer.concat(pieces).toString();
  return seen;
}

/** What a plain reader makes of an answer: its words and calls, and whether it came to a proper end. */
function readAnswer(cell: Cell, seen: Seen): { text: string; calls: string[]; whole: boolean } {
  const text: string[] = [];
  const calls: string[] = [];
  let whole = false;
  const open = new Map<number, number>();
  const call = (index: number, name: unknown, json: unknown): void => {
    if (!open.has(index)) open.set(index, calls.push('') - 1);
    calls[open.get(index)!] += `${typeof name === 'string' ? `${name} ` : ''}${typeof json === 'string' ? json : ''}`;
  };
  const chatDelta = (delta: JsonObject): void => {
    if (typeof delta.content === 'string') text.push(delta.content);
    for (const each of Array.isArray(delta.tool_calls) ? delta.tool_calls.filter(isObject) : []) {
      const described = isObject(each.function) ? each.function : {};
      call(Number(each.index ?? calls.length), described.name, described.arguments);
    }
  };
  const choiceOf = (json: JsonObject): JsonObject => {
    const first = Array.isArray(json.choices) ? json.choices[0] : undefined;
    return isObject(first) ? first : {};
  };
  const blockOf = (index: number, block: JsonObject): void => {
    if (typeof block.text === 'string') text.push(block.text);
    if (typeof block.partial_json === 'string') call(index, undefined, block.partial_json);
    if (block.type === 'tool_use')
      call(index, block.name, isObject(block.input) && Object.keys(block.input).length > 0 ? JSON.stringify(block.input) : '');
  };

  const itemOf = (item: JsonObject, index: number): void => {
    if (item.type === 'function_call') call(index, item.name, item.arguments);
    for (const part of Array.isArray(item.content) ? item.content.filter(isObject) : []) {
      if (typeof part.text === 'string') text.push(part.text);
    }
  };
  const candidateOf = (json: JsonObject): void => {
    const first = Array.isArray(json.candidates) ? json.candidates[0] : undefined;
    const { content, finishReason } = isObject(first) ? first : {};
    for (const part of isObject(content) && Array.isArray(content.parts) ? content.parts.filter(isObject) : []) {
      if (typeof part.text === 'string' && part.thought !== true) text.push(part.text);
      if (isObject(part.functionCall)) call(calls.length, part.functionCall.name, JSON.stringify(part.functionCall.args));
    }
    whole ||= typeof finishReason === 'string' && finishReason !== 'MALFORMED_FUNCTION_CALL';
  };

  if (!cell.stream) {
    const json = parseObject(seen.body) ?? {};
    if (cell.dialect === 'openai-responses') {
      (Array.isArray(json.output) ? json.output.filter(isObject) : []).forEach(itemOf);
      whole = json.status === 'completed' || json.status === 'incomplete';
    } else if (cell.dialect === 'gemini') candidateOf(json);
    else if (cell.dialect === 'openai-chat') {
      const { message, finish_reason } = choiceOf(json);
      if (isObject(message)) chatDelta(message);
      whole = typeof finish_reason === 'string';
    } else {
      (Array.isArray(json.content) ? json.content.filter(isObject) : []).forEach((block, index) => blockOf(index, block));
      whole = typeof json.stop_reason === 'string';
    }
    return { text: text.join(''), calls, whole: whole && seen.end === 'end' };
  }
  let finished = false;
  let over = false;
  const parser = createParser({
    onEvent(event) {
      if (over) return;
      const json = parseObject(event.data);
      if (event.data === '[DONE]' || json?.type === 'message_stop') {
        over = true;
        return;
      }
      if (!json) return;
      if (cell.dialect === 'gemini') candidateOf(json);
      else if (cell.dialect === 'openai-responses') {
        const index = Number(json.output_index);
        if (json.type === 'response.output_item.added' && isObject(json.item)) itemOf(json.item, index);
        else if (json.type === 'response.output_text.delta') text.push(String(json.delta));
        else if (json.type === 'response.function_call_arguments.delta') call(index, undefined, json.delta);
        else if (json.type === 'response.completed' || json.type === 'response.incomplete') finished = over = true;
      } else if (cell.dialect === 'openai-chat') {
        const { delta, finish_reason } = choiceOf(json);
        if (isObject(delta)) chatDelta(delta);
        finished ||= typeof finish_reason === 'string';
      } else if (isObject(json.content_block)) blockOf(Number(json.index), json.content_block);
      else if (json.type === 'content_block_delta' && isObject(json.delta)) blockOf(Number(json.index), json.delta);
      else if (json.type === 'message_delta') finished = true;
    },
  });
  // A last line that ends with CR alone is only known to have ended when something else follows.
  parser.feed(`${seen.body}${seen.body.endsWith('\r') ? '\n' : ''}`);
  return { text: text.join(''), calls, whole: whole || (finished && over) };
}

function cellsOf(fault: Fault): Cell[] {
  const cells: Cell[] = [];
  for (const dialect of dialects) {
    for (const stream of [true, false]) {
      for (const content of contents) {
        if (!fault.applies(dialect, stream, content)) continue;
        const places = fault.positioned ? placesOf(dialect, stream, content) : [undefined];
        for (const position of places) cells.push({ dialect, stream, content, ...(position === undefined ? {} : { position }) });
      }
    }
  }
  return cells;
}

function placesOf(dialect: SimDialect, stream: boolean, content: Content): Position[] {
  const provider = createSimProvider({ clock: virtualClock() });
  return positionsOf(provider.play(simRequest(dialect, requestBody(dialect, stream, content, 'm'), { model: 'm', stream })).scene);
}

/** Rescued by waiting or mending: what comes is, to a reader that waits for ever and forgives, still the whole answer. */
const BORNE = new Set([
  'slow-headers',
  'stale-connection',
  'slow-first-token',
  'long-pause',
  'missing-terminator',
  'second-start',
  'wrong-index',
  'missing-index',
  'finish-lost',
  'drip-starving',
  'brown-out',
  '200-json-for-stream',
  'malformed-json',
]);

describe('the catalogue', () => {
  it('has each fault once, and covers all six groups', () => {
    expect(new Set(FAULTS.map((fault) => fault.id)).size).toBe(FAULTS.length);
    expect([...new Set(FAULTS.map((fault) => fault.group))].sort()).toEqual(['A', 'B', 'C', 'D', 'E', 'F']);
    expect(FAULTS.length).toBeGreaterThan(100);
    for (const fault of FAULTS) expect([fault.id, cellsOf(fault).length > 0]).toEqual([fault.id, true]);
  });

  it('every position exists in some answer', () => {
    const found = new Set(
      dialects.flatMap((dialect) => contents.flatMap((content) => [true, false].flatMap((stream) => placesOf(dialect, stream, content)))),
    );
    expect(found).toEqual(new Set(POSITIONS));
  });

  it('without a fault the answer is whole', async () => {
    for (const dialect of dialects) {
      for (const stream of [true, false]) {
        const cell: Cell = { dialect, stream, content: 'text' };
        expect(readAnswer(cell, await play(undefined, cell))).toEqual({ text: wholeText(questionFor('text')), calls: [], whole: true });
      }
    }
  });

  it('what is to be rescued is no whole answer, and what is an answer is faithful to the last character', async () => {
    const wrong: unknown[] = [];
    let cells = 0;
    const sounds = new Map<string, ReturnType<typeof readAnswer>>();
    for (const fault of FAULTS) {
      for (const cell of cellsOf(fault)) {
        cells++;
        const seen = await play(fault.id, cell);
        const { dialect, stream, content } = cell;
        const key = `${dialect} ${stream} ${content}`;
        const sound = sounds.get(key) ?? readAnswer(cell, await play(undefined, { dialect, stream, content }));
        sounds.set(key, sound);
        const got = readAnswer(cell, seen);
        const same = got.whole && got.text === sound.text && got.calls.join() === sound.calls.join();
        const broken =
          seen.status !== 200 ||
          !got.whole ||
          (got.text === '' && got.calls.length === 0) ||
          got.calls.some((call) => !parseObject(call.slice(call.indexOf(' '))));
        // Between terminator and end nothing is missing any more; a reader that stops at the terminator is served.
        const late =
          cell.position === 'before-terminator' &&
          ['second-start', 'error-event', 'error-event-internal', 'error-event-rate'].includes(fault.id);

        const ok =
          fault.expected === 'answer'
            ? fault.group === 'E' || fault.unfaithful === true || same
            : fault.id === 'runaway-endless' || BORNE.has(fault.id) || late || broken;
        if (!ok)
          wrong.push(
            JSON.stringify({ fault: fault.id, ...cell, end: seen.end, whole: got.whole, text: got.text.slice(-40), calls: got.calls }),
          );
      }
    }
    expect(wrong).toEqual([]);
    expect(cells).toBeGreaterThan(2000);
  }, 60_000);
});

describe('faults are what they say', () => {
  const cell: Cell = { dialect: 'anthropic-messages', stream: true, content: 'text' };
  const ended = async (fault: string, position?: Position, fresh = true): Promise<string> =>
    (await play(fault, { ...cell, ...(position === undefined ? {} : { position }) }, fresh)).end;

  it('transport', async () => {
    const symptoms = Object.fromEntries(
      await Promise.all(FAULTS.filter((fault) => fault.group === 'A').map(async (fault) => [fault.id, await ended(fault.id)])),
    );
    expect(symptoms).toEqual({
      'closed-port': 'refused',
      dns: 'dns',
      'dns-timeout': 'connect-timeout',
      'syn-dropped': 'connect-timeout',
      'never-reads': 'hang',
      'tls-self-signed': 'tls',
      'tls-expired': 'tls',
      'tls-wrong-host': 'tls',
      'tls-hang': 'connect-timeout',
      'plain-http-on-tls': 'tls',
    });
    expect(await ended('hang')).toBe('hang');
    expect(await ended('reset-before-headers')).toBe('reset');
    expect(await ended('close-before-headers')).toBe('closed');
    expect(await ended('garbage')).toBe('protocol');
    expect(await ended('http10')).toBe('end');
    expect(await ended('length-mismatch')).toBe('closed');
    expect(await ended('gzip-cut')).toBe('closed');
    expect(await ended('gzip-cut-clean')).toBe('closed');
  });

  it('a stale connection fails only when it is used again', async () => {
    expect(await ended('stale-connection')).toBe('end');
    expect(await ended('stale-connection', undefined, false)).toBe('reset');
  });

  it('errors in the vendor’s words', async () => {
    const anthropic = await play('529', cell);
    expect(anthropic.status).toBe(529);
    expect(JSON.parse(anthropic.body)).toMatchObject({
      type: 'error',
      error: { type: 'overloaded_error' },
      request_id: expect.stringMatching(/^req_/),
    });
    const openai = await play('429-quota', { ...cell, dialect: 'openai-chat' });
    expect(openai.status).toBe(429);
    expect(JSON.parse(openai.body)).toMatchObject({ error: { type: 'insufficient_quota', code: 'insufficient_quota' } });
    expect((await play('429-retry-after-ms', cell)).headers['retry-after-ms']).toBe('1500');
    expect((await play('error-event', cell)).body).toMatch(/event: error\ndata: \{"type":"error","error":\{"type":"overloaded_error"/);
    expect((await play('error-event', { ...cell, dialect: 'openai-chat' })).body).toMatch(/data: \{"error":/);
  });

  it('positions cut where they say', async () => {
    const whole = wholeText(questionFor('text'));
    const textAt = async (position: Position): Promise<string> => readAnswer(cell, await play('cut-edge', { ...cell, position })).text;
    expect(await textAt('start')).toBe('');
    expect(await textAt('before-content')).toBe('');
    const [first, middle, last] = await Promise.all([textAt('text-first'), textAt('text-middle'), textAt('text-last')]);
    expect(first.length).toBeGreaterThan(0);
    expect(middle.length).toBeGreaterThan(first.length);
    expect(last).toBe(whole);
    expect((await play('cut-edge', { ...cell, position: { byte: 100 } })).body).toHaveLength(100);
    const parallel: Cell = { ...cell, content: 'parallel', position: 'between-calls' };
    expect(readAnswer(parallel, await play('stall', parallel)).calls).toHaveLength(1);
  });

  it('times are kept', async () => {
    expect((await play('pause', { ...cell, position: 'text-middle' })).took).toBe(2000);
    expect((await play('long-pause', { ...cell, position: 'text-middle' })).took).toBe(45_000);
    expect((await play('slow-headers', cell)).took).toBe(30_000);
    const pings = await play('pings-for-ever', { ...cell, position: 'text-first' });
    expect(pings.body.match(/event: ping/g)!.length).toBeGreaterThan(20);
    expect(faultById('flap')?.schedule).toEqual({ type: 'flap', on: 10_000, off: 10_000 });
  });
});
