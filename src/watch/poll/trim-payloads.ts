import type { DatabaseSync } from 'node:sqlite';

const MIB = 1024 * 1024;
/** How long a payload that brought news of an incident is kept before others, in milliseconds. */
const KEPT_NEWS = 90 * 86_400_000;
/** Of one page, without what brought news: some pages say another time of day in each payload. */
const MOST_OTHERS = 50;
const MOST_OTHERS_SIZE = 4 * MIB;
/** Of one page in all, so that a long one that changes daily does not push out the others'. */
const MOST_OF_PAGE = 16 * MIB;
const MOST_OF_ALL = 64 * MIB;

/** Drops the payloads of a page that are over its bounds or over those of all, the oldest without news first. What a feed says now stays. */
export function trimPayloads(database: DatabaseSync, page: string, now: number): void {
  const since = now - KEPT_NEWS;
  database
    .prepare(
      `DELETE FROM payloads WHERE id IN (
         SELECT id FROM (
           SELECT id, row_number() OVER newest AS nth, sum(size) OVER newest AS total FROM payloads
           WHERE page = ?1 AND NOT (news = 1 AND seen_at >= ?2) AND id NOT IN (SELECT payload FROM feeds)
           WINDOW newest AS (ORDER BY id DESC ROWS UNBOUNDED PRECEDING))
         WHERE nth > ?3 OR total > ?4)`,
    )
    .run(page, since, MOST_OTHERS, MOST_OTHERS_SIZE);
  for (const [only, most] of [
    [page, MOST_OF_PAGE],
    [null, MOST_OF_ALL],
  ] as const) {
    database
      .prepare(
        `DELETE FROM payloads WHERE id IN (
           SELECT id FROM (
             SELECT id, sum(size) OVER (ORDER BY news = 1 AND seen_at >= ?2 DESC, id DESC ROWS UNBOUNDED PRECEDING) AS total FROM payloads
             WHERE (?1 IS NULL OR page = ?1) AND id NOT IN (SELECT payload FROM feeds))
           WHERE total > ?3)`,
      )
      .run(only, since, most);
  }
}
