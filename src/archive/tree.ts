import type { ArchivedMessage } from './conversation.ts';

/** The messages of a conversation as the tree that they are. */
export interface Tree {
  /** Messages without a parent, or whose parent is not there, in order. */
  roots: readonly ArchivedMessage[];
  /** What follows a message: more than one is a branch. */
  after(key: string): readonly ArchivedMessage[];
  /** Ends of branches, in order. */
  leaves: readonly ArchivedMessage[];
  /** From a root to this message. Empty: there is no such message. */
  pathTo(key: string): ArchivedMessage[];
}

export function treeOf(messages: readonly ArchivedMessage[]): Tree {
  const byKey = new Map(messages.map((message) => [message.key, message]));
  const children = new Map<string, ArchivedMessage[]>();
  const roots: ArchivedMessage[] = [];
  for (const message of messages) {
    const { parent, key } = message;
    if (parent === undefined || parent === key || !byKey.has(parent)) roots.push(message);
    else {
      const siblings = children.get(parent);
      if (siblings) siblings.push(message);
      else children.set(parent, [message]);
    }
  }
  const after = (key: string): readonly ArchivedMessage[] => children.get(key) ?? [];

  return {
    roots,
    after,
    leaves: messages.filter(({ key }) => after(key).length === 0),
    pathTo(key) {
      const path: ArchivedMessage[] = [];
      const seen = new Set<string>();
      // Sources have been seen to say that messages follow each other in a ring.
      for (let at = byKey.get(key); at && !seen.has(at.key); at = at.parent === undefined ? undefined : byKey.get(at.parent)) {
        seen.add(at.key);
        path.push(at);
      }
      return path.toReversed();
    },
  };
}

/** The branch that is shown: to the source's current message, or to the newest end. */
export function shownBranch(messages: readonly ArchivedMessage[], current?: string): ArchivedMessage[] {
  const tree = treeOf(messages);
  const shown = current === undefined ? [] : tree.pathTo(current);
  if (shown.length > 0) return shown;
  const last = tree.leaves.at(-1);
  return last ? tree.pathTo(last.key) : [];
}
