import { claudeIncidents, claudeSummary, type Entry, type Post, type States } from './claude-page.ts';

const ILL: States = {
  rwppv331jlwc: 'partial_outage',
  '0qbwn08sd68x': 'partial_outage',
  k8w3r06qmzrp: 'partial_outage',
  yyzkbfz2thpt: 'partial_outage',
};
const WELL: States = {
  rwppv331jlwc: 'operational',
  '0qbwn08sd68x': 'operational',
  k8w3r06qmzrp: 'operational',
  yyzkbfz2thpt: 'operational',
};

/**
 * 2 June 2026: id, title, times, phases and components are facts (shared/data/README.md). Not stated there, and assumed here: that the title became
 * `multiple models` with the second post, that the four were called ill in the first post and well in the last, and every word of the posts.
 */
const POSTS: readonly Post[] = [
  { id: 'june2post1', status: 'investigating', at: '2026-06-02T06:04:59.000Z', body: 'Errors are being looked into.', affected: ILL },
  { id: 'june2post2', status: 'identified', at: '2026-06-02T06:39:00.000Z', body: 'What causes the errors is known.', affected: ILL },
  { id: 'june2post3', status: 'identified', at: '2026-06-02T09:33:00.000Z', body: 'A fix is on its way.' },
  { id: 'june2post4', status: 'monitoring', at: '2026-06-02T10:42:00.000Z', body: 'The fix is in place and is being watched.' },
  { id: 'june2post5', status: 'resolved', at: '2026-06-02T11:49:06.000Z', body: 'It is over.', affected: WELL },
];

/** The summary as the page had it at a moment (UTC ms). */
export function claudeOnJuneSecond(at: number): Record<string, unknown> {
  const entry = entryAt(at);
  const open = entry !== undefined && entry.posts.at(-1)!.status !== 'resolved';
  return claudeSummary(open ? ILL : {}, open ? [entry] : [], [], entry?.posts.at(-1)?.at);
}

/** The list of incidents at a moment. */
export function claudeIncidentsOnJuneSecond(at: number): Record<string, unknown> {
  const entry = entryAt(at);
  const open = entry !== undefined && entry.posts.at(-1)!.status !== 'resolved';
  return claudeIncidents(entry ? [entry] : [], open ? ILL : {});
}

function entryAt(at: number): Entry | undefined {
  const posts = POSTS.filter((post) => Date.parse(post.at) <= at);
  if (posts.length === 0) return undefined;
  const name = posts.length === 1 ? 'Elevated errors on Opus 4.6' : 'Elevated errors on multiple models';
  return { id: 'zkr25thltwc9', name, impact: 'major', posts, linked: ['rwppv331jlwc', '0qbwn08sd68x', 'k8w3r06qmzrp', 'yyzkbfz2thpt'] };
}
