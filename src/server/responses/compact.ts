import type { Dialect } from '../../dialects/dialect.ts';
import type { Desk, Visit } from '../desk.ts';
import { receive } from '../receive.ts';
import { begin, withHistory } from './create.ts';
import type { ResponseDesk } from './kept-response.ts';

/** Why only the vendor itself is asked: what a compacted conversation says, nobody else can read. */
const DEPENDS_ON = 'how to compact a conversation';

/**
 * `POST /v1/responses/compact`, as Codex asks it when a conversation grows too long: a question like any other, with all its failover, but
 * one that only native targets of the vendor can answer.
 */
export function compactResponse(desk: Desk, room: ResponseDesk, visit: Visit): void {
  const { dialect } = room;
  receive(
    desk,
    dialect,
    visit,
    (body) => dialect.inspect(body, visit.url),
    (asked, share) =>
      withHistory(desk, room, visit, asked, share, ({ head, ...ask }) => {
        const { background: _background, ...rest } = head;
        begin(
          desk,
          visit,
          { ...ask, dialect: compacting(dialect, head.model), head: { ...rest, stream: false, dependsOn: DEPENDS_ON } },
          asked.body,
          share,
        );
      }),
  );
}

/** The answer differs from a response in its name, and in that it tells neither model nor status: it is there or it is not. */
function compacting(dialect: Dialect, model: string): Dialect {
  return {
    ...dialect,
    endpoint: () => '/responses/compact',
    decodeAnswer: (body) =>
      dialect.decodeAnswer(body.object === 'response.compaction' ? { ...body, object: 'response', model, status: 'completed' } : body),
  };
}
