import type { ConversationHead } from '../conversation.ts';
import { conversationId } from '../ids.ts';
import type { Archive } from '../store/open.ts';
import { digest, keyOf } from './form.ts';
import { placeIn, type CutText, type Placed } from './place.ts';
import type { Nodes } from './nodes.ts';
import { exactForm, type Unit } from './units.ts';
import type { Whereabouts } from './whereabouts.ts';

/** `main`: what the session is about. `agent`: of a sub-agent. `side`: what the client asked for its own use. */
export type ThreadKind = 'main' | 'agent' | 'side';

/** A conversation that exchanges of a crowd may belong to. */
export interface Thread {
  conversation: number;
  key: string;
  kind: ThreadKind;
  voice: string;
  beginning: string;
  lastAt: number;
}

/** Where an exchange belongs. */
export interface Chosen {
  crowd: string;
  kind: ThreadKind;
  beginning: string;
  /** Absent: a conversation begins with it. */
  thread?: Thread;
  placed: Placed;
  head: Pick<ConversationHead, 'key' | 'session' | 'startedBy' | 'purpose'>;
  /** The client's own question within a conversation of its user's: kept, and not shown as its end. */
  aside: boolean;
}

export interface Asked {
  exchange: string;
  /** UTC milliseconds. */
  at: number;
  principal: string;
  units: readonly Unit[];
  where: Whereabouts;
  /** Of a request for the client's own use. */
  purpose?: string;
}

export interface Threads {
  choose(asked: Asked, nodes: Nodes, cutText: CutText): Chosen;
  /** An exchange has been put into a conversation. */
  remember(chosen: Chosen, conversation: number, voice: string, at: number): void;
}

/** The same beginning within this time is asked again; later it is a conversation of its own. */
const AGAIN = 15 * 60_000;
/** What knows only the first message, and was asked by then, has had its answer changed beyond recognition by its client. */
const SAME_DAY = 24 * 60 * 60_000;
/** Conversations that are looked through for a history. */
const MOST = 40;

const FIND = `
  SELECT conversation, key, kind, voice, beginning, last_at FROM exchange_threads
  JOIN conversations ON conversations.row = exchange_threads.conversation
  WHERE crowd = ? ORDER BY last_at DESC LIMIT ${MOST}`;

const REMEMBER = `
  INSERT INTO exchange_threads (crowd, conversation, kind, voice, beginning, last_at) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (crowd, conversation) DO UPDATE SET last_at = max(last_at, excluded.last_at)`;

export function threadsIn({ database }: Archive): Threads {
  const find = database.prepare(FIND);
  const remember = database.prepare(REMEMBER);

  function threadsOf(crowd: string): Thread[] {
    return find.all(crowd).map((row) => ({
      conversation: Number(row['conversation']),
      key: String(row['key']),
      kind: String(row['kind']) as ThreadKind,
      voice: String(row['voice']),
      beginning: String(row['beginning']),
      lastAt: Number(row['last_at']),
    }));
  }

  return {
    choose(asked, nodes, cutText) {
      const { where, units, purpose } = asked;
      const begins = beginningOf(units);
      const crowd = crowdOf(asked);
      const threads = threadsOf(crowd);
      const isBeginning = !units.some(({ role }) => role === 'assistant');
      const aside = purpose !== undefined && !isBeginning;
      const fits = threads
        .filter(({ kind }) => kind !== 'side')
        .map((thread) => ({ thread, placed: placeIn(thread.conversation, units, nodes, cutText) }));
      const best = fits.reduce<(typeof fits)[number] | undefined>(
        (found, fit) => (fit.placed.known > (found?.placed.known ?? 0) ? fit : found),
        undefined,
      );

      function go(fit: (typeof fits)[number], isAside = false): Chosen {
        const { thread, placed } = fit;
        return { crowd, kind: thread.kind, beginning: begins, thread, placed, head: { key: thread.key }, aside: isAside };
      }
      function begin(kind: ThreadKind, head: Chosen['head']): Chosen {
        return { crowd, kind, beginning: begins, placed: afresh(units), head, aside: false };
      }

      if (purpose !== undefined && !(aside && best && best.placed.known > 1)) {
        const session = where.session === undefined ? {} : { startedBy: { key: sessionKey(asked) } };
        return begin('side', { key: `${sessionKey(asked)}/${asked.exchange}`, ...session, purpose });
      }
      if (where.session === undefined) {
        const again = isBeginning
          ? fits.find(
              ({ thread }) => thread.beginning === begins && thread.voice === where.voice && Math.abs(asked.at - thread.lastAt) <= AGAIN,
            )
          : best && (best.placed.known > 1 || Math.abs(asked.at - best.thread.lastAt) <= SAME_DAY)
            ? best
            : undefined;
        return again ? go(again, aside) : begin('main', { key: asked.exchange });
      }
      if (best) return go(best, aside);
      const main = fits.find(({ thread }) => thread.kind === 'main');
      const alike = fits.find(({ thread }) => thread.voice === where.voice && (thread === main?.thread || thread.beginning === begins));
      if (alike) return go(alike);
      if (where.agent !== undefined) {
        // A sub-agent's crowd is its own: what has another voice there is still it.
        const own = fits[0];
        if (own) return go(own);
        const session = `${where.session}/${where.agent}`;
        const key = `${sessionKey({ ...asked, where: { ...where, session } })}`;
        const starter = where.startedBy === undefined ? sessionKey(asked) : `${sessionKey(asked)}/${where.startedBy}`;
        return begin('agent', { key, session: where.transcript ?? session, startedBy: { key: starter } });
      }
      if (!main) return begin('main', { key: sessionKey(asked), session: where.session });
      return begin('agent', { key: `${sessionKey(asked)}/${asked.exchange}`, startedBy: { key: main.thread.key } });
    },
    remember({ crowd, kind, beginning }, conversation, voice, at) {
      remember.run(crowd, conversation, kind, voice, beginning, Math.trunc(at));
    },
  };
}

/** What people have on their own machine is theirs without saying so. */
function sessionKey({ principal, where: { session }, exchange }: Pick<Asked, 'principal' | 'where' | 'exchange'>): string {
  const name = session ?? exchange;
  return principal === 'local' ? name : `${principal}/${name}`;
}

/** Who may belong together: the same session, else the same program with the same first words. */
function crowdOf({ principal, where, units }: Asked): string {
  const { session, agent, kept, client, cacheKey } = where;
  if (session !== undefined) return digest(JSON.stringify(['session', principal, session, agent ?? null]));
  if (kept !== undefined) return digest(JSON.stringify(['kept', principal, kept]));
  return digest(JSON.stringify(['beginning', principal, client, cacheKey ?? null, firstOf(units)?.form?.whole ?? null]));
}

function firstOf(units: readonly Unit[]): Unit | undefined {
  return units.find(({ form }) => form !== undefined);
}

/** The first message as it came, with what its client has put into it: folder, date, memories. */
function beginningOf(units: readonly Unit[]): string {
  const first = firstOf(units);
  return first ? exactForm(first) : '';
}

/** In a conversation of its own, everything is new. */
function afresh(units: readonly Unit[]): Placed {
  let at = '';
  const keys = units.map(({ role, form }) => (form ? (at = keyOf(at, role, form.whole)) : undefined));
  return {
    keys,
    known: 0,
    fresh: Math.max(
      0,
      keys.findIndex((key) => key !== undefined),
    ),
  };
}

/** The crowd of a session, for what is said of it by requests that are not its own. */
export function sessionCrowd(principal: string, session: string): string {
  return digest(JSON.stringify(['session', principal, session, null]));
}

export function rowOf({ database }: Archive, key: string): number | undefined {
  const row = database.prepare('SELECT row FROM conversations WHERE id = ?').get(conversationId('understudy', key));
  return row && Number(row['row']);
}
