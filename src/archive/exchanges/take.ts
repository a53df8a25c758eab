import type { Dialect } from '../../dialects/dialect.ts';
import type { DialectName } from '../../exchange/dialect-name.ts';
import { parseObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { Request } from '../../exchange/request.ts';
import type { Opening } from '../../journal/entry.ts';
import type { LoggedEntry } from '../../journal/journal.ts';
import type { ArchivedMessage, ConversationHead, MessageStatus } from '../conversation.ts';
import type { Archive } from '../store/open.ts';
import { keepOriginal } from '../store/originals.ts';
import type { Putting } from '../store/put.ts';
import { deliveredAnswer, type Delivered } from './answer.ts';
import { digest, keyOf } from './form.ts';
import type { Kept } from './kept.ts';
import type { Nodes } from './nodes.ts';
import { archivedParts, type Keep } from './parts.ts';
import { purposeOf } from './purpose.ts';
import { startedAt } from './started-at.ts';
import { rowOf, sessionCrowd, type Chosen, type Threads } from './threads.ts';
import { answerUnit, unitsOf, type Unit } from './units.ts';
import { whereaboutsOf, type Whereabouts } from './whereabouts.ts';

/** An exchange that has ended, out of the record. */
export interface Ended {
  opening: Opening;
  /** As the record says it: `complete`, `deferred`, … */
  state: string;
  /** Absent: `save: off`. */
  request: Buffer | undefined;
  entries(): LoggedEntry[];
}

export interface Taking {
  /** Adds to the archive what an exchange adds to its conversation. Within a transaction. Taking it again changes nothing. */
  take(exchange: Ended): void;
}

interface Parts {
  archive: Archive;
  put: Putting;
  nodes: Nodes;
  threads: Threads;
  kept: Kept;
  dialect: (name: DialectName) => Dialect;
}

/** Claude Code after it has summed a long session up: what follows goes on from there. */
const GOES_ON = /^This session is being continued from a previous conversation/;

export function takeInto({ archive, put, nodes, threads, kept, dialect }: Parts): Taking {
  const keep: (at: number) => Keep = (at) => (bytes, facts) => keepOriginal(archive, bytes, { keptAt: at, ...facts });

  function take(exchange: Ended): void {
    const { opening, request: bytes } = exchange;
    if (!opening.save || !bytes || kept.isPlaced(opening.id)) return;
    const body = parseObject(bytes.toString('utf8'));
    const answer = deliveredAnswer(exchange.entries(), exchange.state);
    const request = body && decoded(dialect(opening.dialect), opening, body);
    if (!body || !request) {
      // Nobody's dialect, and nobody has answered: there is nothing to be read.
      if (answer.parts.length > 0) throw new Error('its request can not be read, and it was answered all the same');
      return kept.place(opening.id, undefined);
    }
    const units = unitsOf(request);
    // An answer that was begun by the client: what follows belongs to it.
    const begun = units.at(-1)?.role === 'assistant' ? units.pop() : undefined;
    const where = whereaboutsOf(opening, body, request);
    const purpose = purposeOf(request, opening.client);
    const chosen = threads.choose(
      { exchange: opening.id, at: opening.at, principal: opening.principal, units, where, ...(purpose !== undefined && { purpose }) },
      nodes,
      kept.cutText,
    );
    const told = tell({ opening, units, begun, where, purpose, chosen, answer });
    if (told) keepTitle(purpose, where, opening, answer);
  }

  interface Telling {
    opening: Opening;
    units: readonly Unit[];
    begun: Unit | undefined;
    where: Whereabouts;
    purpose: string | undefined;
    chosen: Chosen;
    answer: Delivered;
  }

  function tell(telling: Telling): boolean {
    const { opening, units, begun, where, chosen, answer } = telling;
    const { placed, thread } = chosen;
    const conversation = thread?.conversation;
    const isAnswered = answer.parts.length > 0;
    const asked = units.findLastIndex(({ role }) => role === 'assistant');
    const question = units.findLastIndex(({ form }) => form !== undefined);
    const lastKnown = placed.keys.findLastIndex((key, index) => key !== undefined && index < placed.fresh);
    const messages: ArchivedMessage[] = [];
    const found: { above: string; key: string; unit: Unit }[] = [];
    let parent = placed.keys[lastKnown];
    let above = parent ?? '';
    if (parent === undefined && conversation !== undefined && goesOn(units[placed.fresh])) parent = kept.newest(conversation);

    for (let index = lastKnown + 1; index < units.length; index++) {
      const unit = units[index]!;
      const key = placed.keys[index] ?? keyOf(above, 'hidden', digest(JSON.stringify(unit.parts)));
      const isQuestion = index === question;
      messages.push({
        key,
        ...(parent !== undefined && { parent }),
        role: unit.role,
        ...(index > asked && { at: opening.at }),
        parts: archivedParts(unit.parts, keep(opening.at)),
        status: 'complete',
        ...((!unit.form || (chosen.aside && index >= placed.fresh)) && { hidden: true }),
        ...(isQuestion && !isAnswered && asUnanswered(opening, answer)),
      });
      if (unit.form) {
        found.push({ above, key, unit });
        above = key;
      }
      parent = key;
    }
    const questionKey = placed.keys[question];
    if (conversation !== undefined && question >= 0 && question < placed.fresh && questionKey !== undefined) {
      // It was asked before, and had not been answered.
      const before = isAnswered ? kept.message(conversation, questionKey) : undefined;
      if (before && before.status !== 'complete') messages.push(answered(before));
    }

    let current = questionKey;
    let repeated: string | undefined;
    if (isAnswered) {
      const unit = answerUnit([...(begun?.parts ?? []), ...answer.parts]);
      const key = keyOf(above, 'assistant', unit.form?.whole ?? opening.id);
      current = key;
      const before = conversation === undefined ? undefined : kept.message(conversation, key);
      if (before?.exchange === undefined) {
        const parents = before?.parent ?? parent;
        messages.push({
          ...answerMessage(telling, unit, keep(opening.at)),
          key,
          ...(parents !== undefined && { parent: parents }),
        });
      } else if (isTold(before, answer)) repeated = key;
      else messages.push(saidAgain(before, opening.id, answer));
      found.push({ above, key, unit });
    }
    if (messages.length === 0 && conversation === undefined) {
      kept.place(opening.id, undefined);
      return false;
    }

    const { id } = put.within(headOf(telling, current), messages);
    const row = conversation ?? kept.rowOf(id);
    if (repeated !== undefined && answer.cost !== undefined) put.spent(row, repeated, answer.cost);
    for (const { above: before, key, unit } of found) {
      nodes.add(row, before, { key, role: unit.role, words: unit.form?.words ?? '', calls: unit.calls });
    }
    threads.remember(chosen, row, where.voice, opening.at);
    kept.place(opening.id, row);
    if (answer.status === 'deferred' && questionKey !== undefined) kept.wait(opening.id, row, questionKey);
    return true;
  }

  function headOf({ opening, where, chosen, answer, units }: Telling, current: string | undefined): ConversationHead {
    const { thread, head } = chosen;
    const before = thread && kept.updatedAt(thread.conversation);
    const isNewest = !chosen.aside && (!thread || opening.at >= thread.lastAt) && current !== undefined;
    const title =
      chosen.kind === 'main' && where.session !== undefined ? kept.title(sessionCrowd(opening.principal, where.session)) : undefined;
    const about = thread
      ? {}
      : { createdAt: opening.at, extras: { ...(opening.client !== undefined && { client: opening.client }), route: opening.route } };
    const { startedBy } = head;
    const starter = thread || !startedBy ? undefined : rowOf(archive, startedBy.key);
    const message = starter === undefined ? undefined : startedAt(archive, starter, units);
    return {
      source: 'understudy',
      ...head,
      ...about,
      updatedAt: Math.max(answer.endedAt, opening.at, before ?? 0),
      ...(title !== undefined && { title }),
      ...(where.project !== undefined && { project: where.project }),
      ...(where.branch !== undefined && { branch: where.branch }),
      ...(startedBy && { startedBy: { ...startedBy, ...(message !== undefined && { message }) } }),
      ...(isNewest && { current }),
    };
  }

  /** What the client's own model call has named a session; the session's conversation may be there already, or come later. */
  function keepTitle(purpose: string | undefined, where: Whereabouts, opening: Opening, answer: Delivered): void {
    if (purpose !== 'title' || where.session === undefined || answer.status !== 'complete') return;
    const title = titleIn(answer);
    if (title === undefined) return;
    const crowd = sessionCrowd(opening.principal, where.session);
    kept.keepTitle(crowd, title);
    const main = kept.mainOf(crowd);
    if (main !== undefined) put.within({ source: 'understudy', key: main, title }, []);
  }

  return { take };
}

function decoded(dialect: Dialect, opening: Opening, body: JsonObject): Request | undefined {
  const path = opening.again?.path ?? dialect.endpoint(opening.model, opening.stream);
  const request = dialect.decodeRequest(body, path);
  return request.ok ? request.value : undefined;
}

function goesOn(unit: Unit | undefined): boolean {
  return unit?.role === 'user' && unit.parts.some((part) => part.type === 'text' && GOES_ON.test(part.text));
}

function asUnanswered(opening: Opening, answer: Delivered): Pick<ArchivedMessage, 'status' | 'exchange' | 'cost' | 'extras'> {
  const status: MessageStatus = answer.status === 'deferred' ? 'deferred' : 'interrupted';
  return {
    status: answer.status === 'complete' ? 'complete' : status,
    exchange: opening.id,
    ...(answer.cost !== undefined && { cost: answer.cost }),
    ...(answer.fault !== undefined && { extras: { fault: answer.fault } }),
  };
}

function answered({ extras, ...message }: ArchivedMessage): ArchivedMessage {
  const { fault: _fault, ...rest } = extras ?? {};
  return { ...message, status: 'complete', ...(Object.keys(rest).length > 0 && { extras: rest }) };
}

function answerMessage(
  { opening, begun, chosen, answer }: { opening: Opening; begun: Unit | undefined; chosen: Chosen; answer: Delivered },
  unit: Unit,
  keep: Keep,
): Omit<ArchivedMessage, 'key'> {
  const { target, usage, cost, status, finish, fault } = answer;
  const ahead = archivedParts(begun?.parts ?? [], keep).length;
  const extras: JsonObject = {
    ...(finish !== undefined && finish !== 'stop' && finish !== 'tool-calls' && { finish }),
    ...(fault !== undefined && { fault }),
    ...(ahead > 0 && { begunByClient: ahead }),
  };
  return {
    role: 'assistant',
    at: answer.endedAt,
    parts: archivedParts(unit.parts, keep),
    ...(target && { producer: { provider: target.provider, model: target.model } }),
    status: status === 'deferred' ? 'partial' : status,
    ...(chosen.aside && { hidden: true }),
    ...(answer.seams.length > 0 && { seams: answer.seams.map((seam) => ({ ...seam, part: seam.part + ahead })) }),
    ...(usage && { usage }),
    ...(cost !== undefined && { cost }),
    exchange: opening.id,
    ...(Object.keys(extras).length > 0 && { extras }),
  };
}

/** Of exchanges that have given the same answer once more, how many it names: a program may ask the same a thousand times. */
const NAMED = 10;

function namedIn({ extras }: ArchivedMessage): Json[] {
  const again = extras?.['again'];
  return Array.isArray(again) ? again : [];
}

/** All that is to be said of an answer that was given once more is what it has cost. */
function isTold(before: ArchivedMessage, { status }: Delivered): boolean {
  return namedIn(before).length >= NAMED && (before.status === 'complete' || status !== 'complete');
}

/** The same question had the same answer once more. */
function saidAgain(before: ArchivedMessage, exchange: string, answer: Delivered): ArchivedMessage {
  const cost = (before.cost ?? 0) + (answer.cost ?? 0);
  return {
    ...before,
    ...(cost > 0 && { cost: Number(cost.toPrecision(12)) }),
    ...(answer.status === 'complete' && { status: 'complete' }),
    extras: { ...before.extras, again: [...namedIn(before), exchange].slice(0, NAMED) },
  };
}

/** `{"title": …}`, or one short line. */
function titleIn({ parts }: Delivered): string | undefined {
  const text = parts
    .map((part) => (part.type === 'text' ? part.text : ''))
    .join('')
    .trim();
  const named = parseObject(text)?.['title'];
  const title = typeof named === 'string' ? named.trim() : text;
  return title === '' || title.length > 120 || title.includes('\n') || title.startsWith('{') ? undefined : title;
}
