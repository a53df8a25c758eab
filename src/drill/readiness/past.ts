import type { Dialect, RequestHead } from '../../dialects/dialect.ts';
import { usualPath } from '../../dialects/usual-path.ts';
import { deliveredAnswer, type Delivered } from '../../archive/exchanges/answer.ts';
import { purposeOf } from '../../archive/exchanges/purpose.ts';
import { titleFrom } from '../../archive/title.ts';
import type { DialectName } from '../../exchange/dialect-name.ts';
import { parseObject } from '../../exchange/json.ts';
import type { Request } from '../../exchange/request.ts';
import { targetName } from '../../exchange/target.ts';
import { inputTokens } from '../../failover/estimate.ts';
import type { ExchangeSummary, Journal, KeptExchange, LoggedEntry } from '../../journal/journal.ts';
import type { TaskKind } from './report.ts';
import { kindsOf } from './kinds.ts';

/** One of the user's own prompts, with the answer that it had. */
export interface Prompt {
  exchange: string;
  /** UTC milliseconds. */
  at: number;
  title: string;
  dialect: DialectName;
  path: string;
  body: Buffer;
  head: RequestHead;
  request: Request;
  answer: Delivered;
  /** Tokens, as counted, else as estimated. */
  input: number;
  output: number;
  kinds: TaskKind[];
  /** Of a streamed answer: who gave it, and how many milliseconds after being asked its first words came. */
  first?: { target: string; after: number };
}

export type PastJournal = Pick<Journal, 'list' | 'recall'>;

/** What is kept of longer ago is not what one does now. */
const LASTS = 30 * 24 * 60 * 60_000;
const PAGE = 500;
/** Exchanges that are looked through: an agent makes some thousand in a day. */
const MOST = 5000;

/** The last thirty days' complete exchanges, newest first. Those of `save: off` say when they were, and nothing else. */
export async function pastExchanges(journal: PastJournal, now: number): Promise<ExchangeSummary[]> {
  const found: ExchangeSummary[] = [];
  let before: string | undefined;
  while (found.length < MOST) {
    const page = await journal.list({ limit: PAGE, state: 'complete', ...(before !== undefined && { before }) });
    found.push(...page.filter(({ at }) => at >= now - LASTS));
    const last = page.at(-1);
    if (page.length < PAGE || !last || last.at < now - LASTS) break;
    before = last.id;
  }
  return found;
}

/** A kept exchange as a prompt that can be asked again; or why it can't be. */
export function promptOf(kept: KeptExchange, dialect: Dialect): Prompt | 'not kept' | 'of a client for itself' | 'not repeatable' {
  const { opening, request: body, entries, state } = kept;
  if (!body || !opening.save) return 'not kept';
  const path = opening.again?.path ?? usualPath(opening);
  const head = dialect.inspect(body, path);
  const json = parseObject(body.toString('utf8'));
  const request = json && dialect.decodeRequest(json, path);
  if (!head.ok || !request?.ok) return 'not repeatable';
  // What only the vendor's servers know nobody else can be asked.
  if (head.value.dependsOn !== undefined || head.value.previousResponse !== undefined || head.value.background) return 'not repeatable';
  if (purposeOf(request.value, opening.client) !== undefined) return 'of a client for itself';
  const answer = deliveredAnswer(entries, state);
  if (answer.parts.length === 0) return 'not kept';
  const input = answer.usage?.input ?? inputTokens(body);
  return {
    exchange: opening.id,
    at: opening.at,
    title: titleOf(request.value),
    dialect: opening.dialect,
    path,
    body,
    head: head.value,
    request: request.value,
    answer,
    input,
    output: answer.usage?.output ?? Math.ceil(JSON.stringify(answer.parts).length / 4),
    kinds: kindsOf(request.value, answer, input),
    ...(opening.stream && firstOf(entries)),
  };
}

function firstOf(entries: readonly LoggedEntry[]): Pick<Prompt, 'first'> {
  const said = entries.find(
    ({ entry }) => (entry.type === 'bytes' || entry.type === 'events') && entry.events.some(({ type }) => type === 'part-delta'),
  );
  const asked = entries.find(
    ({ entry }) => entry.type === 'attempt' && said && 'attempt' in said.entry && entry.ordinal === said.entry.attempt,
  );
  if (!said || asked?.entry.type !== 'attempt') return {};
  return { first: { target: targetName(asked.entry.target), after: said.at - asked.at } };
}

/** The beginning of what was asked last. */
export function titleOf({ messages }: Request): string {
  const asked = messages.filter(({ role, parts }) => role === 'user' && parts.some(({ type }) => type === 'text')).toReversed();
  const said = asked.map(({ parts }) => ({
    role: 'user' as const,
    parts: parts.flatMap((part) => (part.type === 'text' ? [{ type: 'text' as const, text: part.text }] : [])),
  }));
  return titleFrom(said) ?? 'a request without words';
}
