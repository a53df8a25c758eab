import type { DialectName } from '../../src/exchange/dialect-name.ts';
import type { Client } from '../sdks/clients/client.ts';
import { CLIENT_KEY, PROMPTS } from '../matrix/question.ts';
import { type Death, DEATHS, type House, type Rule, RULES } from './house.ts';

export interface Asker {
  name: string;
  dialect: DialectName;
  client: Client;
}

export interface Cell {
  asker: Asker;
  stream: boolean;
  death: Death;
  rule: Rule;
}

/**
 * What came of a cell. `hidden`: the error was on the wire, as raw clients show, and this library says something of its own in its place; `mute`: its
 * client was told of a failure, and not what of.
 */
export interface Outcome {
  verdict: 'answered' | 'deferred' | 'honest' | 'hidden' | 'mute' | 'wrong' | 'hangs';
  ms: number;
  said: string;
}

/**
 * Every client, streamed and not, every death, every rule. An answer that has begun can't be kept: nobody holds on for it. One that is not
 * streamed never begins.
 */
export function cellsOf(asker: Asker): Cell[] {
  return [true, false].flatMap((stream) =>
    DEATHS.flatMap((death) =>
      RULES.flatMap((rule) => (death === 'broken' && (!stream || rule === 'hold') ? [] : [{ asker, stream, death, rule }])),
    ),
  );
}

export function cellName({ asker, stream, death, rule }: Cell): string {
  return `${asker.name}, ${stream ? 'stream' : 'whole'}: ${death}, queue ${rule}`;
}

/** Part of an answer is out before its provider dies. */
function isPartial({ stream, death }: Pick<Cell, 'stream' | 'death'>): boolean {
  return stream && death === 'broken';
}

/** Longer than all deadlines in a row, for a client that tries three times. */
const LIMIT = 90_000;
/** LangChain tries seven times by itself whatever it is told (but for 400 to 407 and 409), with pauses of up to two minutes in all. */
const LANGCHAIN_LIMIT = 300_000;
/**
 * Libraries that have no words of ours for an error within a stream: Agents of OpenAI tells its type alone, Mistral's finds it malformed, Google's
 * older one (LangChain's) can't read it; OpenAI's own hands `response.failed` over as an event, and then says that the connection was closed.
 */
const HIDE_IN_STREAMS: readonly string[] = [
  '@openai/agents',
  '@mistralai/mistralai',
  'openai responses',
  'openai responses, kept',
  'langchain openai responses',
  'langchain google-genai',
];
/** What waits for a provider to come back waits for as long as that takes. */
const LONGEST = 300_000;

export async function ask(cell: Cell, house: House): Promise<Outcome> {
  const { asker, stream, death, rule } = cell;
  const began = performance.now();
  let stop: NodeJS.Timeout | undefined;
  const late = new Promise<Outcome>((resolve) => {
    stop = setTimeout(
      () => resolve({ verdict: 'hangs', ms: performance.now() - began, said: '' }),
      rule === 'hold' ? LONGEST : asker.name.startsWith('langchain') ? LANGCHAIN_LIMIT : LIMIT,
    );
  });
  const model = house.modelOf(death, rule, asker.dialect);
  const asked = asker
    .client({ address: house.understudy.address, model, stream, prompt: `${PROMPTS.text} ${asker.name}`, key: CLIENT_KEY })
    .then(
      ({ text }): Outcome => ({
        verdict: rule === 'hold' && text.length > 20 ? 'answered' : 'wrong',
        ms: performance.now() - began,
        said: text,
      }),
      (error: unknown): Outcome => {
        const outcome = judged(cell, wordsOf(error), performance.now() - began);
        return outcome.verdict === 'mute' && stream && HIDE_IN_STREAMS.includes(asker.name) ? { ...outcome, verdict: 'hidden' } : outcome;
      },
    );
  const outcome = await Promise.race([asked, late]);
  clearTimeout(stop);
  return outcome;
}

/** Since when, what was tried, what becomes of the request. */
function judged(cell: Cell, said: string, ms: number): Outcome {
  const { death, rule } = cell;
  const tried = said.includes(`${death}-`);
  if (isPartial(cell)) return { verdict: tried && said.includes('broke off') ? 'honest' : 'mute', ms, said };
  const since = /since \d+ [A-Z][a-z]{2} \d\d:\d\d UTC/.test(said);
  if (rule === 'off') return { verdict: tried && since && said.includes('ask again') ? 'honest' : 'mute', ms, said };
  if (rule === 'hold') return { verdict: 'wrong', ms, said };
  return { verdict: tried && since && /kept as x_/.test(said) ? 'deferred' : 'mute', ms, said };
}

/** All that an error of a client says, wherever its library puts it. */
function wordsOf(error: unknown, depth = 0): string {
  if (depth > 4 || error === null || error === undefined) return '';
  if (typeof error !== 'object') return String(error);
  const own = Object.getOwnPropertyNames(error).filter((name) => name !== 'stack');
  return own.map((name) => wordsOf((error as Record<string, unknown>)[name], depth + 1)).join(' ');
}
