import type { ClientDialect } from '../../src/drill/wire-reader.ts';
import { virtualClock } from '../../src/exchange/virtual-clock.ts';
import { FAULTS } from '../../src/sim/faults/catalogue.ts';
import type { Content, Fault } from '../../src/sim/faults/fault.ts';
import { type Position, positionsOf } from '../../src/sim/position.ts';
import type { Scene } from '../../src/sim/scene.ts';
import { createSimProvider } from '../../src/sim/sim-provider.ts';
import { REALISTIC } from '../../src/sim/wire/pace.ts';
import { type Asking, contentOf, questionOf } from './question.ts';

export const DIALECTS = ['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini'] as const satisfies ClientDialect[];
/** What is cut at every byte. */
export const CONTENTS = ['text', 'tool', 'parallel', 'thinking'] as const satisfies Content[];
/** What is asked for in the matrix. */
export const ASKINGS = [...CONTENTS, 'long', 'bare-tool', 'pondered', 'structured'] as const satisfies Asking[];
export const PERSISTENCES = ['once', 'twice', 'ever'] as const;

/** One combination of the fault matrix: a client asks, its lead fails in this way at this place, a healthy backup stands by. */
export interface Cell {
  client: ClientDialect;
  lead: ClientDialect;
  backup: ClientDialect;
  stream: boolean;
  content: Asking;
  fault: Fault;
  position: Position | undefined;
  persistence: (typeof PERSISTENCES)[number];
}

export function cellName(cell: Cell): string {
  const place =
    cell.position === undefined ? '' : ` at ${typeof cell.position === 'string' ? cell.position : `byte ${cell.position.byte}`}`;
  const how = `${cell.stream ? 'stream' : 'whole'} ${cell.content}`;
  return `${cell.client} <- ${cell.lead} | ${cell.backup}, ${how}: ${cell.fault.id}${place}, ${cell.persistence}`;
}

/** What a sound lead would send, for finding the places where it can fail. */
export function soundScene(lead: ClientDialect, stream: boolean, content: Asking): Scene {
  const provider = createSimProvider({ clock: virtualClock(), pace: REALISTIC });
  const question = questionOf(lead, stream, content, 'any');
  return provider.play({ method: 'POST', path: question.path, headers: {}, body: question.body, reused: false }).scene;
}

/**
 * A share of the product that loses no pair of client, lead and fault at a place: one backup for each, the next one for the next. A
 * quarter of all cells.
 */
export function rotatedCells(): Cell[] {
  return allCells().filter(
    (_, index) =>
      (Math.floor(index / DIALECTS.length) + Math.floor(index / DIALECTS.length ** 2)) % DIALECTS.length === index % DIALECTS.length,
  );
}

/** The full product. */
export function allCells(): Cell[] {
  return [...eachCell()];
}

/** The full product, one after the other. A native whole-body client meets a lead that does not stream; every other target streams. */
export function* eachCell(): Generator<Cell> {
  for (const client of DIALECTS)
    for (const lead of DIALECTS)
      for (const stream of [true, false])
        for (const content of ASKINGS) {
          const leadStreams = stream || client !== lead;
          const places = positionsOf(soundScene(lead, leadStreams, content));
          for (const fault of FAULTS) {
            if (!fault.applies(lead, leadStreams, contentOf(content))) continue;
            for (const position of fault.positioned ? places : [undefined])
              for (const persistence of PERSISTENCES)
                for (const backup of DIALECTS) yield { client, lead, backup, stream, content, fault, position, persistence };
          }
        }
}
