import { parentPort, workerData } from 'node:worker_threads';
import { type Selection, selectCells } from './selection.ts';
import { tally } from './tally.ts';

/** A thread that plays one share of the cells and posts its tally. */
const { selection, share, of } = workerData as { selection: Selection; share: number; of: number };
parentPort!.postMessage(await tally(selectCells(selection, share, of)));
