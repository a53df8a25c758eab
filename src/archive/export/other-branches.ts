import type { ArchivedMessage } from '../conversation.ts';
import { treeOf } from '../tree.ts';

/** The branches besides the one that is shown, each from where it leaves what was told before, in the order of their ends. Hidden messages are no part of them. */
export function* otherBranches(messages: readonly ArchivedMessage[], shown: readonly ArchivedMessage[]): Generator<ArchivedMessage[]> {
  const told = new Set(shown.map(({ key }) => key));
  const tree = treeOf(messages);
  for (const leaf of tree.leaves) {
    const branch = tree.pathTo(leaf.key, told);
    for (const { key } of branch) told.add(key);
    const visible = branch.filter(({ hidden }) => !hidden);
    if (visible.length > 0) yield visible;
  }
}
