import { eachObject, wholeObject } from '../items.ts';
import { shapeOf } from '../head-keys.ts';
import type { ReadContext, Reader, SourceFile, Told } from '../reader.ts';
import type { Activity } from './activity.ts';
import { activityTold, threadsTold } from './activity.ts';
import { activityInHtml, cellsOf } from './html.ts';
import { activityInJson } from './json.ts';
import { turnsTold } from './turns.ts';

/** Google Takeout of the Gemini apps: research/archive.md 1.3. */
export const geminiTakeout: Reader = { source: 'gemini-takeout', version: 1, recognises, read };

/** The product's name is in every language's; it was Bard until February 2024. */
const OURS = /gemini|bard/i;

function recognises(file: SourceFile): string | undefined {
  const shape = shapeOf(file);
  if (shape) {
    if (shape.top === 'object' && shape.keys.has('conversation_turns')) return 'conversation';
    const isActivity =
      shape.top === 'list' &&
      shape.keys.has('title') &&
      shape.keys.has('time') &&
      ['products', 'header', 'safeHtmlItem'].some((name) => shape.keys.has(name));
    return isActivity && OURS.test(file.head) ? 'activity' : undefined;
  }
  const titles = file.head.match(/class="[^"]*header-cell[^"]*"[^>]*>[\s\S]{0,200}?<\/(p|h3|div)>/g) ?? [];
  return file.head.includes('outer-cell') && titles.some((title) => OURS.test(title)) ? 'activity page' : undefined;
}

async function* read(file: SourceFile, context: ReadContext): AsyncGenerator<Told> {
  if (context.what === 'conversation') return yield* wholeObject(file, context, (value, { where }) => turnsTold(value, where, context));
  const threads: { activity: Activity; where: string }[] = [];
  async function* tell(activity: Activity, where: string): AsyncGenerator<Told> {
    if (!OURS.test(activity.product))
      yield { type: 'skipped', where, reason: 'activity of another product', found: activity.product.slice(0, 60) };
    // Newest first and scattered: put together when all are read.
    else if (activity.thread !== undefined) threads.push({ activity, where });
    else yield* activityTold(activity, where, file, context);
  }
  try {
    yield* context.what === 'activity' ? entriesOfJson() : entriesOfPage();
  } catch (error) {
    // What was read until there counts.
    yield* threadsTold(threads, file, context);
    throw error;
  }
  yield* threadsTold(threads, file, context);

  function entriesOfJson(): AsyncGenerator<Told> {
    return eachObject(file, context, (value, { where }) => {
      const activity = activityInJson(value);
      return typeof activity === 'string' ? [{ type: 'unreadable', where, reason: activity }] : tell(activity, where);
    });
  }

  async function* entriesOfPage(): AsyncGenerator<Told> {
    let index = 0;
    for await (const cell of cellsOf(file, context.most)) {
      const where = `${file.where}[${index}]`;
      index += 1;
      const activity = activityInHtml(cell);
      if (typeof activity === 'string') yield { type: 'unreadable', where, reason: activity };
      else yield* tell(activity, where);
    }
  }
}
