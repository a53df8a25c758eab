import fc from 'fast-check';
import { type ClientDialect, type Reading, readWhole, wireReader } from '../../src/drill/wire-reader.ts';
import { type JsonObject, parseObject } from '../../src/exchange/json.ts';
import { isOwnSignature } from '../../src/sim/signature.ts';
import { ponder } from '../../src/sim/speech.ts';
import { VENDORS } from '../../src/sim/vendors.ts';
import { failing } from '../matrix/scripted.ts';
import { type Answered, createHouse, type Kind, type Sent, type Service, SERVICES } from './house.ts';
import { type Call, type Result, SPEAKERS, wholeOf } from './speakers.ts';

/** One thing that a person asks an agent, with all that it leads to. */
export interface Turn {
  thinks: boolean;
  /** Calls in each round of tools. */
  tools: number;
  rounds: number;
  image: boolean;
  /** Of the results, in turn. */
  results: ('text' | 'image' | 'error')[];
  /** Who answers each question, among the targets: those before are down meanwhile. */
  who: number[];
}

export interface Script {
  client: ClientDialect;
  /** In order; the first is the lead, which is there again whenever `who` is 0. */
  targets: readonly Service[];
  stream: boolean;
  turns: Turn[];
}

/** What came of a conversation; every list is empty where all is well. */
export interface Lived {
  /** Exchanges. */
  asked: number;
  /** Answered by the target that was meant to. */
  answered: Service[];
  calls: number;
  broken: string[];
  /** Rounds of tools in which another stayed, though its lead was well; and turns that the lead took back. Of a sticky conversation. */
  stayed: number;
  returned: number;
  /** Proofs that a service got back, of its own, though the client had not been told them. */
  broughtBack: number;
  /** What the lead says of the client's history when it is asked without Understudy. Only where it speaks the client's dialect. */
  raw: RawReturn[];
}

export interface RawReturn {
  /** Who has spoken in this conversation. */
  spoken: Service[];
  refusal: string | undefined;
}

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
/** Names that its own dialect takes and others do not: too long, or with a dot. */
const TOOLS: Record<ClientDialect, string[]> = {
  'anthropic-messages': ['look_up', `mcp__${'files'.repeat(20)}__search`],
  'openai-chat': ['look_up', 'search-files'],
  'openai-responses': ['look_up', 'search-files'],
  gemini: ['look_up', 'search.files'],
};
const MINUTE = 60_000;
/** It takes no images, and is then passed over. */
const BLIND: Service = 'deepseek';
/** What a simulated vendor's proof begins with, in base64. */
const PROOF = /c2ltdWxhdGVk[A-Za-z0-9+/]+={0,2}/g;

/**
 * Holds a conversation and looks at every byte of it, on both sides. Where the house remembers, who is meant to answer is then only not
 * down, and the conversation stays or moves as stickiness says.
 */
export async function live({ client, targets, stream, turns }: Script, kind: Kind = {}): Promise<Lived> {
  const house = createHouse(kind);
  const sticky = kind.remembers === true;
  const speaker = SPEAKERS[client];
  const lead = targets[0]!;
  const lived: Lived = { asked: 0, answered: [], calls: 0, stayed: 0, returned: 0, broughtBack: 0, broken: [], raw: [] };
  const history: JsonObject[] = [];
  const calls: Call[] = [];
  const results: Result[] = [];
  const ids = new Map<string, string>();
  const thinkers = new Map<string, Set<Service>>();
  const custom = client === 'openai-responses' ? ['apply_patch'] : [];

  async function ask(turn: Turn, model: string, who: Service): Promise<Answered> {
    const down = targets.slice(0, targets.indexOf(who));
    const question = speaker.question(history, { model, stream, tools: TOOLS[client], custom, thinks: turn.thinks });
    const answered = await house.ask({
      client,
      question,
      targets,
      script: (service) =>
        down.includes(service) ? failing(529, '{"error":{"message":"overloaded","type":"overloaded_error"}}') : undefined,
    });
    lived.asked++;
    const answerer = answered.sent.at(-1)?.service ?? who;
    if (sticky) follow(answerer, down);
    lived.answered.push(answerer);
    if (!sticky && answerer !== who) lived.broken.push(`${answerer} answered in place of ${who}`);
    if (answered.outcome.type !== 'complete') lived.broken.push(`${who}: ${JSON.stringify(answered.outcome).slice(0, 300)}`);
    for (const sent of answered.sent) inspect(sent, question.body.toString());
    return answered;
  }

  /** Within a turn nobody leaves who has the cache and is there; `before` is who answered last. */
  function follow(answerer: Service, down: readonly Service[]): void {
    const before = lived.answered.at(-1);
    if (before === undefined) return;
    const blind = before === BLIND && JSON.stringify(history).includes(PNG);
    if (withinTurn && answerer !== before && !down.includes(before) && !blind)
      lived.broken.push(`${before} was left for ${answerer} within a turn`);
    if (withinTurn && answerer === before && before !== lead && !down.includes(lead)) lived.stayed++;
    if (!withinTurn && answerer === lead && before !== lead) lived.returned++;
  }

  function inspect(sent: Sent, told: string): void {
    const { service, body, status, answer, path } = sent;
    const { dialect } = SERVICES[service];
    const say = (what: string): void => void lived.broken.push(`to ${service}: ${what}`);
    if (status === 400 || status === 404) say(`refused: ${answer.slice(0, 300)}`);
    const text = JSON.stringify(body);
    if (text.includes('understudy.v1.')) say('an envelope');
    for (const [proof] of text.matchAll(PROOF)) {
      if (!isOwnSignature(dialect, proof)) say(`the proof ${proof} of another`);
      // In an envelope it would not be found as it is.
      else if (!told.includes(proof) && !told.includes('understudy.v1.')) lived.broughtBack++;
    }
    const words = wordsOf(text);
    for (const [thought, by] of thinkers) {
      if (words.includes(thought) && ![...by].some((each) => mayRead(each, service))) say(`what ${[...by].join()} thought`);
    }
    const asked = VENDORS[dialect].read(body, text.length, path).turns;
    const seen = asked.flatMap((turn) => turn.calls);
    // The simulated chat service looks at functions alone; those of free text count by the results.
    if (dialect !== 'openai-chat' && seen.length !== calls.length) say(`${seen.length} calls of ${calls.length}`);
    const answers = asked.flatMap((turn) => turn.results);
    if (answers.length !== results.length) say(`${answers.length} results of ${results.length}`);
    for (const [index, { id, text: said }] of answers.entries()) {
      if (!said.includes(results[index]?.text ?? '')) say(`result ${index} is «${said}»`);
      if (dialect !== 'openai-chat' && seen[index]?.id !== id) say(`result ${index} answers ${id}, which is not ${seen[index]?.id}`);
      const key = `${service} ${index}`;
      if ((ids.get(key) ?? id) !== id) say(`call ${index} was ${ids.get(key)}, and now is ${id}`);
      ids.set(key, id);
    }
    for (const [index, call] of seen.entries()) {
      const wanted = calls[index];
      if (dialect !== 'openai-chat' && wanted && wanted.custom !== true && !sameJson(call.arguments, wanted.arguments)) {
        say(`call ${index} says ${call.arguments}, not ${wanted.arguments}`);
      }
    }
  }

  let withinTurn = false;
  for (const [ordinal, turn] of turns.entries()) {
    withinTurn = false;
    // Some turns begin before the lead has been well for long enough.
    if (sticky && ordinal % 2 === 1) await house.rest(2 * MINUTE);
    const spoken = `Question ${'I'.repeat(ordinal + 1)} of many.`;
    const directives = `[sim words=20 tools=${turn.tools} rounds=${turn.rounds}${turn.thinks ? ' thinking' : ''}]`;
    history.push(...speaker.user(`${spoken} ${directives}`, turn.image ? [PNG] : []));
    for (let round = 0; round <= turn.rounds; round++) {
      const wanted = targets[(turn.who[round] ?? 0) % targets.length]!;
      const who = wanted === BLIND && JSON.stringify(history).includes(PNG) ? targets.find((each) => each !== BLIND)! : wanted;
      const thought = ponder(spoken);
      const think = (service: Service): void => void thinkers.set(thought, (thinkers.get(thought) ?? new Set<Service>()).add(service));
      if (turn.thinks && !sticky) think(who);
      const answered = await ask(turn, SERVICES[lead].model, who);
      if (turn.thinks && sticky) think(lived.answered.at(-1)!);
      withinTurn = true;
      if (lived.broken.length > 0) return lived;
      const kept = speaker.keeps(await wholeOf(client, stream, answered.wire));
      const made = speaker.calls(kept);
      const due = callsIn(answered.sent.at(-1)!);
      const shown = made.map((call) => (call.custom === true ? JSON.stringify({ input: call.arguments }) : call.arguments));
      if (shown.length !== due.length || !shown.every((json, index) => sameJson(json, due[index]!)))
        lived.broken.push(`${who} made the calls ${due.join()}, and the client got ${shown.join()}`);
      // Older Geminis' clients know calls by their place alone.
      for (const call of made) if (call.id !== '' && calls.some(({ id }) => id === call.id)) lived.broken.push(`${call.id} comes twice`);
      history.push(...kept);
      calls.push(...made);
      lived.calls += made.length;
      const got = made.map((call, index): Result => {
        const kind = turn.results[index % turn.results.length] ?? 'text';
        const text = `result ${results.length + index} of ${call.name}`;
        return { call, text, ...(kind === 'image' && { image: PNG }), ...(kind === 'error' && { isError: true }) };
      });
      results.push(...got);
      const next = got.length > 0 ? speaker.results(got) : speaker.user('Go on.');
      if (SERVICES[lead].dialect === client) {
        const { body, path } = speaker.question([...history, ...next], {
          model: SERVICES[lead].model,
          stream,
          tools: TOOLS[client],
          custom,
          thinks: turn.thinks,
        });
        const refused = VENDORS[client].strict(JSON.parse(body.toString()) as JsonObject, path);
        lived.raw.push({ spoken: [...new Set(lived.answered)], refusal: refused?.message });
      }
      if (got.length === 0) break;
      history.push(...next);
    }
  }
  return lived;
}

/**
 * Models of one house read each other's thoughts, as far as they speak one dialect. OpenAI shows none in chat: those that the simulated one
 * shows there go to any chat service, as do all that come bare.
 */
function mayRead(thinker: Service, reader: Service): boolean {
  const [one, other] = [SERVICES[thinker], SERVICES[reader]];
  return one.dialect === other.dialect && (one.preset === other.preset || thinker === 'completions');
}

/** The arguments of the calls that a service made, as its own client would read them. */
function callsIn({ service, answer }: Sent): string[] {
  const { dialect } = SERVICES[service];
  const calls = answer.startsWith('{') ? readWhole(dialect, 200, answer).calls : streamed(dialect, answer).calls;
  return calls.map((call) => (parseObject(call.arguments) ? call.arguments : JSON.stringify({ input: call.arguments })));
}

function streamed(dialect: ClientDialect, answer: string): Reading {
  const reader = wireReader(dialect);
  reader.push(`${answer}\n`);
  return reader.reading;
}

/** All texts of a body one after the other: a client that keeps a stream as it came has a thought in many pieces. */
function wordsOf(body: string): string {
  return [...body.matchAll(/"(?:text|thinking|reasoning_content|reasoning)":("(?:[^"\\\\]|\\\\.)*")/g)]
    .map(([, json]) => JSON.parse(json!) as string)
    .join('');
}

function sameJson(one: string, other: string): boolean {
  return JSON.stringify(JSON.parse(one === '' ? '{}' : one)) === JSON.stringify(JSON.parse(other === '' ? '{}' : other));
}

const turn: fc.Arbitrary<Turn> = fc.record({
  thinks: fc.boolean(),
  tools: fc.integer({ min: 0, max: 3 }),
  rounds: fc.integer({ min: 0, max: 2 }),
  image: fc.boolean(),
  results: fc.array(fc.constantFrom('text' as const, 'image' as const, 'error' as const), { minLength: 1, maxLength: 3 }),
  who: fc.array(fc.nat({ max: 3 }), { minLength: 3, maxLength: 3 }),
});

/** Conversations of this client, the lead first and last. */
export function scripts(client: ClientDialect, targets: readonly Service[]): fc.Arbitrary<Script> {
  return fc.record({
    client: fc.constant(client),
    targets: fc.constantFrom(...targets.map((_, index) => [...targets.slice(index), ...targets.slice(0, index)])),
    stream: fc.boolean(),
    turns: fc.array(turn, { minLength: 1, maxLength: 4 }).map((turns) => [
      // A -> … -> A: whoever stood in, the lead takes the last word.
      ...turns.map((one, index) => (index === 0 ? { ...one, who: [0, ...one.who.slice(1)] } : one)),
      { thinks: true, tools: 2, rounds: 1, image: false, results: ['text' as const], who: [0, 0, 0] },
    ]),
  });
}
