import type { Archive } from '../store/open.ts';

/** A message that can be found again. */
export interface KnownNode {
  key: string;
  role: string;
  words: string;
  calls: string[];
}

export interface Nodes {
  has(conversation: number, key: string): boolean;
  /** What follows a message; '' for beginnings. */
  after(conversation: number, above: string): KnownNode[];
  add(conversation: number, above: string, node: KnownNode): void;
}

export function nodesIn({ database }: Archive): Nodes {
  const find = database.prepare('SELECT 1 FROM exchange_nodes WHERE conversation = ? AND key = ?');
  const after = database.prepare('SELECT key, role, words, calls FROM exchange_nodes WHERE conversation = ? AND above = ?');
  const add = database.prepare(
    'INSERT INTO exchange_nodes (conversation, key, above, role, words, calls) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  return {
    has: (conversation, key) => find.get(conversation, key) !== undefined,
    after: (conversation, above) =>
      after.all(conversation, above).map((row) => ({
        key: String(row['key']),
        role: String(row['role']),
        words: String(row['words']),
        calls: String(row['calls'])
          .split('\n')
          .filter((id) => id !== ''),
      })),
    add: (conversation, above, { key, role, words, calls }) => void add.run(conversation, key, above, role, words, calls.join('\n')),
  };
}
