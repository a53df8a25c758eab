import type { ArchivedMessage, ArchivedPart } from '../../archive/conversation.ts';
import type { ConversationDetail } from '../../archive/questions.ts';
import { speakerOf } from '../../archive/export/speaker.ts';
import { treeOf } from '../../archive/tree.ts';
import { shortened } from './conversation-list.ts';
import type { Terminal } from '../terminal.ts';
import { wrapped } from '../wrap.ts';

export interface Shown {
  /** The Nth end that the conversation has; 0: the one that is shown. */
  branch: number;
  /** Also instructions, reminders and thoughts. */
  everything: boolean;
}

/** Lines of a call, a result or a thought that are enough to know what it was. */
const ENOUGH_LINES = 6;
/** Characters of a line of those. */
const ENOUGH = 200;

/** A conversation to be read: who says what, where two have written one answer, and where else it went. */
export function transcriptLines(detail: ConversationDetail, { branch, everything }: Shown, terminal: Terminal): string[] {
  const { paint } = terminal;
  const tree = treeOf(detail.said);
  const leaf = branch === 0 ? undefined : tree.leaves[branch - 1];
  const byKey = new Map(detail.said.map((message) => [message.key, message]));
  const path = leaf ? tree.pathTo(leaf.key) : detail.shown.flatMap((key) => byKey.get(key) ?? []);
  const lines = [...headLines(detail, tree.leaves.findIndex(({ key }) => key === path.at(-1)?.key) + 1, terminal)];
  for (const message of path) {
    if (!message.hidden || everything) lines.push('', ...messageLines(message, everything, terminal));
    const others = siblingsOf(tree, message).length;
    if (others > 0) lines.push(paint.dim(`  ⑂ said in ${others + 1} ways here; the others: --branch`));
  }
  return lines;
}

function siblingsOf(tree: ReturnType<typeof treeOf>, { key, parent }: ArchivedMessage): readonly ArchivedMessage[] {
  const beside = parent === undefined ? tree.roots : tree.after(parent);
  return beside.some((each) => each.key === key) ? beside.filter((each) => each.key !== key && !each.hidden) : [];
}

function headLines(detail: ConversationDetail, branch: number, { paint }: Terminal): string[] {
  const { id, title, source, project, status, branches, cost, updatedAt, sameAs } = detail;
  const facts = [
    id,
    source,
    ...(updatedAt === undefined ? [] : [new Date(updatedAt).toLocaleString('sv-SE')]),
    ...(project === undefined ? [] : [project]),
    ...(status === 'complete' ? [] : [status]),
    ...(cost === undefined ? [] : [`$${cost.toFixed(cost < 0.1 ? 4 : 2)}`]),
    ...(branches > 1 ? [`branch ${branch} of ${branches}`] : []),
  ];
  return [
    paint.bold(title === '' ? 'No question' : title),
    paint.dim(facts.join(' · ')),
    ...(sameAs === undefined ? [] : [paint.dim(`Its client tells the same session as ${sameAs}.`)]),
  ];
}

function messageLines(message: ArchivedMessage, everything: boolean, terminal: Terminal): string[] {
  const { paint } = terminal;
  const at = message.at === undefined ? '' : ` ${paint.dim(new Date(message.at).toLocaleTimeString('en-GB', { hour12: false }))}`;
  const status = message.status === 'complete' ? '' : ` ${paint.warn(message.status)}`;
  const fault = message.extras?.['fault'];
  return [
    `${paint.accent(speakerOf(message))}${at}${status}`,
    ...message.parts.flatMap((part, index) => partLines(part, message, index, everything, terminal)),
    ...(typeof fault === 'string' ? [paint.warn(`  ${fault}`)] : []),
  ];
}

function partLines(part: ArchivedPart, message: ArchivedMessage, index: number, everything: boolean, { paint, width }: Terminal): string[] {
  const seams = (message.seams ?? []).filter((seam) => seam.part === index);
  switch (part.type) {
    case 'text':
    case 'refusal': {
      const lines: string[] = [];
      let from = 0;
      for (const { offset, from: before, to } of [...seams].sort((one, other) => one.offset - other.offset)) {
        if (offset > from) lines.push(...proseLines(part.text.slice(from, offset), width));
        lines.push(seamLine(before, to, paint));
        from = offset;
      }
      return [...lines, ...proseLines(part.text.slice(from), width)];
    }
    case 'reasoning':
      return [...seamsOf(seams, paint), ...(everything && part.text !== '' ? indented(`thinks: ${part.text}`, paint) : [])];
    case 'tool-call':
      return [...seamsOf(seams, paint), ...indented(`→ ${part.name} ${part.arguments}`, paint)];
    case 'tool-result': {
      const text = part.content.map((each) => (each.type === 'text' ? each.text : `[${each.type}]`)).join('\n');
      return indented(`${part.isError ? '✗' : '←'} ${text}`, paint);
    }
    case 'file':
      return indented(
        `[file ${part.name ?? part.mediaType ?? ''}${part.content.type === 'missing' ? `: ${part.content.reason}` : ''}]`,
        paint,
      );
    case 'opaque':
      return everything ? indented(`[${part.producer.dialect}: ${JSON.stringify(part.value)}]`, paint) : [];
  }
}

/** Broken between words; code stays as it is. */
function proseLines(text: string, width: number): string[] {
  let isCode = false;
  return text.split('\n').flatMap((line) => {
    const isFence = /^\s*(```|~~~)/.test(line);
    if (isFence) isCode = !isCode;
    return isCode || isFence ? [line] : wrapped(line, width);
  });
}

function seamsOf(seams: NonNullable<ArchivedMessage['seams']>, paint: Terminal['paint']): string[] {
  return seams.map(({ from, to }) => seamLine(from, to, paint));
}

function seamLine(from: string, to: string, paint: Terminal['paint']): string {
  return paint.warn(`  ── ${from} broke off; ${to === from ? 'it went on itself' : `${to} went on`} ──`);
}

function indented(text: string, paint: Terminal['paint']): string[] {
  const lines = text.split('\n');
  const shown = lines.slice(0, ENOUGH_LINES).map((line) => paint.dim(`  ${shortened(line, ENOUGH)}`));
  return lines.length > ENOUGH_LINES ? [...shown, paint.dim(`  … ${lines.length - ENOUGH_LINES} lines more`)] : shown;
}
