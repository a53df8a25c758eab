import type { DatabaseSync } from 'node:sqlite';
import { withoutInjected } from '../../archive/exchanges/injected.ts';
import { messageOfRow } from '../../archive/store/read.ts';
import type { ArchivedMessage } from '../../archive/conversation.ts';

/** A question of a conversation and what was answered to it. */
export interface Turn {
  conversation: number;
  question: Said;
  answer: Said & Pick<ArchivedMessage, 'producer' | 'status'>;
}

export interface Said {
  /** messages.row */
  row: number;
  key: string;
  /** UTC milliseconds. */
  at?: number;
  text: string;
}

/** Messages of a conversation that are gone through; the rest of a longer one is left out. */
const MOST_MESSAGES = 20_000;
/** Steps from an answer up to its question: an agent's turn may be hundreds of calls long. */
const MOST_STEPS = 2000;

interface Place {
  row: number;
  key: string;
  parent: string | undefined;
  role: string;
  hidden: boolean;
}

/** The turns that these messages (rows; none: the first ones) of a conversation belong to. */
export interface TurnReader {
  read(conversation: number, messages: readonly number[]): Turn[];
}

/** Of a conversation that was found by its title alone, so many turns are looked at. */
const MOST_OF_TITLED = 6;

export function turnsIn(database: DatabaseSync): TurnReader {
  const places = database.prepare(
    `SELECT row, key, parent, role, hidden FROM messages WHERE conversation = ? ORDER BY place LIMIT ${MOST_MESSAGES}`,
  );
  const messageRow = database.prepare('SELECT * FROM messages WHERE row = ?');

  function messageAt(row: number): ArchivedMessage | undefined {
    const found = messageRow.get(row);
    return found && messageOfRow(found);
  }

  function questionAt(row: number): Said | undefined {
    const message = messageAt(row);
    return message && said(row, message, withoutInjected(textOf(message)));
  }

  /** The last words of the turn: what an agent says on its way there is no answer. Of several attempts, the newest whole one. */
  function answerTo(question: Place, after: ReadonlyMap<string, Place[]>): Turn['answer'] | undefined {
    const answers: Place[] = [];
    const open = [...(after.get(question.key) ?? [])];
    for (let steps = 0; steps < MOST_STEPS; steps++) {
      const next = open.pop();
      if (!next) break;
      if (next.role === 'user' && !next.hidden) continue;
      if (next.role === 'assistant') answers.push(next);
      open.push(...(after.get(next.key) ?? []));
    }
    let partial: Turn['answer'] | undefined;
    for (const { row } of answers.toSorted((one, other) => other.row - one.row)) {
      const message = messageAt(row);
      if (!message) continue;
      const text = textOf(message);
      if (text.trim() === '') continue;
      const answer = { ...said(row, message, text), status: message.status, ...(message.producer && { producer: message.producer }) };
      if (message.status === 'complete') return answer;
      partial ??= answer;
    }
    return partial;
  }

  return {
    read(conversation, messages) {
      const all = places.all(conversation).map(placeOf);
      const byRow = new Map(all.map((place) => [place.row, place]));
      const byKey = new Map(all.map((place) => [place.key, place]));
      const after = Map.groupBy(
        all.filter(({ parent }) => parent !== undefined),
        ({ parent }) => parent!,
      );

      const questionOf = (row: number): Place | undefined => {
        let at = byRow.get(row);
        for (let steps = 0; at && steps < MOST_STEPS; steps++) {
          if (at.role === 'user' && !at.hidden) return at;
          at = at.parent === undefined ? undefined : byKey.get(at.parent);
        }
        return undefined;
      };

      const asked =
        messages.length > 0
          ? messages.flatMap((row) => questionOf(row) ?? [])
          : all.filter(({ role, hidden }) => role === 'user' && !hidden).slice(0, MOST_OF_TITLED);
      return [...new Set(asked)].flatMap((place): Turn[] => {
        const question = questionAt(place.row);
        const answer = question && answerTo(place, after);
        return question && answer ? [{ conversation, question, answer }] : [];
      });
    },
  };
}

function placeOf(row: Record<string, unknown>): Place {
  const { parent } = row;
  return {
    row: Number(row['row']),
    key: String(row['key']),
    parent: typeof parent === 'string' ? parent : undefined,
    role: String(row['role']),
    hidden: row['hidden'] === 1,
  };
}

function said(row: number, { key, at }: ArchivedMessage, text: string): Said {
  return { row, key, ...(at !== undefined && { at }), text };
}

/** What was said in words: no thoughts, calls or files. */
function textOf({ parts }: ArchivedMessage): string {
  return parts.flatMap((part) => (part.type === 'text' && part.text.trim() !== '' ? [part.text] : [])).join('\n\n');
}
