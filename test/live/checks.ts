import type { UnderstudyProcess } from '../clients/understudy-process.ts';
import { anthropicClient } from './anthropic-client.ts';
import { type Client, type Reply, TOOL } from './client.ts';
import type { FaultProxy } from './fault-proxy.ts';
import { openaiClient } from './openai-client.ts';
import { doubled, seamsOf, shown } from './seams.ts';
import type { Service } from './services.ts';

/** What a check has at hand: an Understudy, and the proxies between it and the services. */
export interface Stage {
  understudy: UnderstudyProcess;
  proxy(service: Service): FaultProxy;
}

export interface Check {
  name: string;
  /** Who is asked, and how many requests it takes when nothing is retried. */
  asks: { service: Service; calls: number }[];
  /** It breaks answers, and has an Understudy of its own: what it does to a breaker is not there for the next. */
  breaks: boolean;
  /** What is worth telling. Rejects, or returns a `problem`, where it failed. */
  run(stage: Stage): Promise<Outcome>;
}

export type Outcome = { notes: string[]; problem?: string };

type Dialect = Service['preset']['dialect'];

/** Characters of text after which an answer is cut. */
const CUTS = [40, 200, 500];
const SHORT = 60;
/** Words of the answers that are cut; a good deal longer than the last cut. */
const LONG = 180;

/** Everything that is checked with these services, in order. */
export function allChecks(services: readonly Service[]): Check[] {
  return [
    ...services.flatMap((service) => [...ownDialect(service), ...crossDialect(service)]),
    ...services.flatMap((service) => CUTS.map((cut) => sameAgain(service, cut))),
    ...(services.length > 1 ? services.map((service, index) => standIn(service, services[(index + 1) % services.length]!)) : []),
  ];
}

function ownDialect(service: Service): Check[] {
  const { name, dialect } = service.preset;
  const counting: Check = {
    name: `${name}: count_tokens`,
    asks: [],
    breaks: false,
    async run({ understudy }) {
      const tokens = await anthropicClient(understudy.address, service.facts).countTokens(modelOf(service));
      return { notes: [`${tokens} tokens`], ...(tokens > 0 ? {} : { problem: 'no tokens counted' }) };
    },
  };
  return [
    ...[true, false].flatMap((stream) => [
      conversation(service, dialect, stream, 'text'),
      conversation(service, dialect, stream, 'tool'),
      ...(service.facts.reasoning === 'none' ? [] : [conversation(service, dialect, stream, 'thinking')]),
    ]),
    ...(dialect === 'anthropic-messages' ? [counting] : []),
  ];
}

function crossDialect(service: Service): Check[] {
  const other: Dialect = service.preset.dialect === 'openai-chat' ? 'anthropic-messages' : 'openai-chat';
  return [true, false].flatMap((stream) => [conversation(service, other, stream, 'text'), conversation(service, other, stream, 'tool')]);
}

function conversation(service: Service, dialect: Dialect, stream: boolean, kind: 'text' | 'tool' | 'thinking'): Check {
  const question = { model: modelOf(service), stream };
  return {
    name: `${service.preset.name}: ${dialect} client, ${kind}, ${stream ? 'streamed' : 'whole'}`,
    asks: [{ service, calls: kind === 'text' ? 1 : 2 }],
    breaks: false,
    async run({ understudy }) {
      const client = clientFor(dialect, understudy.address, service);
      if (kind === 'text') return judged(await client.text(question, SHORT), []);
      if (kind === 'thinking') {
        const reply = await client.thinking(question);
        return judged(reply, [reply.thought]);
      }
      const reply = await client.tool(question);
      const outcome = judged(reply, [`${reply.calls} call`]);
      if (reply.calls === 0) return { ...outcome, problem: 'it called no tool' };
      return reply.text.includes(TOOL.telling) ? outcome : { ...outcome, problem: `the answer does not use the result: ${reply.text}` };
    },
  };
}

/** Cut by the proxy, carried on by the same model on a fresh connection. */
function sameAgain(service: Service, cut: number): Check {
  return {
    name: `${service.preset.name}: cut after ${cut} characters, same model again`,
    asks: [{ service, calls: 2 }],
    breaks: true,
    run: (stage) => carriedOn(stage, service, modelOf(service), cut, 'well'),
  };
}

/** Cut by the proxy and down from then on: the other service carries on. */
function standIn(service: Service, second: Service): Check {
  return {
    name: `${service.preset.name}: cut after ${CUTS[1]} characters, then down; ${second.preset.name} stands in`,
    asks: [
      { service, calls: 1 },
      { service: second, calls: 1 },
    ],
    breaks: true,
    run: (stage) => carriedOn(stage, service, standInRoute(service, second), CUTS[1]!, 'down'),
  };
}

async function carriedOn(stage: Stage, service: Service, model: string, cut: number, afterwards: 'well' | 'down'): Promise<Outcome> {
  const { understudy } = stage;
  const proxy = stage.proxy(service);
  const client = clientFor(service.preset.dialect, understudy.address, service);
  proxy.cutNext(cut, afterwards);
  let outcome: Outcome;
  let text = '';
  try {
    const reply = await client.text({ model, stream: true }, LONG);
    text = reply.text;
    outcome = judged(reply, []);
  } catch (error) {
    outcome = { notes: [], problem: `the client got an error: ${error instanceof Error ? error.message : String(error)}` };
  } finally {
    proxy.heal();
  }
  const exchange = (await understudy.exchanges()).at(-1);
  const seams = exchange ? await seamsOf(understudy.address, exchange.id) : [];
  const notes = [
    ...outcome.notes,
    ...(exchange?.attempts ?? []).map(({ target, outcome: how, fault, message }) =>
      [target, how, fault, message].filter((word) => word !== undefined).join(' '),
    ),
    ...seams.map((seam) => `joined by ${seam.join}: ${shown(text, seam)}`),
  ];
  if (outcome.problem !== undefined) return { notes, problem: `not carried on: ${outcome.problem}` };
  if (seams.length === 0) return { notes, problem: 'nothing was joined; was the answer shorter than the cut?' };
  if (seams.some((seam) => doubled(text, seam))) return { notes, problem: 'words are doubled at the seam' };
  return { notes };
}

/** Name of the route that `standIn` asks for. */
export function standInRoute(service: Service, second: Service): string {
  return `live-${service.preset.name}-then-${second.preset.name}`;
}

/** `provider/model` asks exactly that target. */
export function modelOf({ preset, model }: Service): string {
  return `${preset.name}/${model}`;
}

function clientFor(dialect: Dialect, address: string, { facts }: Service): Client {
  return dialect === 'anthropic-messages' ? anthropicClient(address, facts) : openaiClient(address, facts);
}

function judged({ text, stop }: Reply, notes: string[]): Outcome {
  const outcome = { notes: [`${text.length} characters, ${stop}`, ...notes] };
  if (text.trim() === '') return { ...outcome, problem: 'the answer is empty' };
  return stop === 'end_turn' || stop === 'stop' ? outcome : { ...outcome, problem: `it ended with ${stop}` };
}
