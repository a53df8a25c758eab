import type { ArchivedMessage } from './conversation.ts';

/** The messages of a conversation as the tree that they are. */
export interface Tree {
  /** Messages without a parent, or whose parent is not there, in order. Of messages that follow each other in a ring, the first told. */
  roots: readonly ArchivedMessage[];
  /** What follows a message: more than one is a branch. */
  after(key: string): readonly ArchivedMessage[];
  /** Ends of branches, in order. */
  leaves: readonly ArchivedMessage[];
  /** From a root to this message, or from behind the last one whose key is in `known`. Empty: there is no such message, or it is known. */
  pathTo(key: string, known?: ReadonlySet<string>): ArchivedMessage[];
}

export function treeOf(messages: readonly ArchivedMessage[]): Tree {
  const byKey = new Map(messages.map((message) => [message.key, message]));
  const parents = new Map<ArchivedMessage, ArchivedMessage>();
  for (const message of messages) {
    const parent = message.parent === undefined ? undefined : byKey.get(message.parent);
    if (parent && parent !== message) parents.set(message, parent);
  }
  cutRings(messages, parents);

  const children = new Map<string, ArchivedMessage[]>();
  const roots: ArchivedMessage[] = [];
  for (const message of messages) {
    const parent = parents.get(message);
    if (!parent) roots.push(message);
    else {
      const siblings = children.get(parent.key);
      if (siblings) siblings.push(message);
      else children.set(parent.key, [message]);
    }
  }
  const after = (key: string): readonly ArchivedMessage[] => children.get(key) ?? [];

  return {
    roots,
    after,
    leaves: messages.filter(({ key }) => after(key).length === 0),
    pathTo(key, known) {
      const path: ArchivedMessage[] = [];
      for (let at = byKey.get(key); at && known?.has(at.key) !== true; at = parents.get(at)) path.push(at);
      return path.toReversed();
    },
  };
}

/** Sources have been seen to say that messages follow each other in a ring: its first message then follows nothing. */
function cutRings(messages: readonly ArchivedMessage[], parents: Map<ArchivedMessage, ArchivedMessage>): void {
  const sound = new Set<ArchivedMessage>();
  let order: Map<ArchivedMessage, number> | undefined;
  for (const message of messages) {
    const way = new Set<ArchivedMessage>();
    let at: ArchivedMessage | undefined = message;
    while (at && !sound.has(at) && !way.has(at)) {
      way.add(at);
      at = parents.get(at);
    }
    if (at && way.has(at)) {
      order ??= new Map(messages.map((each, index) => [each, index]));
      parents.delete(firstTold(at, parents, order));
    }
    for (const each of way) sound.add(each);
  }
}

/** Of a ring that `one` belongs to. */
function firstTold(
  one: ArchivedMessage,
  parents: ReadonlyMap<ArchivedMessage, ArchivedMessage>,
  order: ReadonlyMap<ArchivedMessage, number>,
): ArchivedMessage {
  let first = one;
  for (let at = parents.get(one); at && at !== one; at = parents.get(at)) {
    if ((order.get(at) ?? 0) < (order.get(first) ?? 0)) first = at;
  }
  return first;
}

/** The branch that is shown: to the source's current message, or to the newest end. */
export function shownBranch(messages: readonly ArchivedMessage[], current?: string): ArchivedMessage[] {
  const tree = treeOf(messages);
  const shown = current === undefined ? [] : tree.pathTo(current);
  if (shown.length > 0) return shown;
  const last = tree.leaves.at(-1);
  return last ? tree.pathTo(last.key) : [];
}
