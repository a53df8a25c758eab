import type { DialectName } from '../../src/exchange/dialect-name.ts';
import type { Position } from '../../src/sim/position.ts';
import type { Asking } from '../matrix/question.ts';
import type { Sdk } from './clients.ts';

/** What the lead does, with the place in the answer where it does it. */
export interface Condition {
  name: string;
  fault?: string;
  position?: Position;
  /** How often it does it; by default for ever. */
  persistence?: 'once' | 'twice' | 'ever';
}

/** The conditions that issue 3 names for every client. */
export const CONDITIONS: readonly Condition[] = [
  { name: 'well' },
  { name: '529', fault: '529' },
  { name: 'in-stream error', fault: 'error-event', position: 'text-middle' },
  { name: 'stall', fault: 'stall', position: 'text-middle' },
  { name: 'cut', fault: 'cut-inside', position: 'text-middle' },
  { name: 'silent end', fault: 'clean-end', position: 'text-middle' },
  { name: 'web page', fault: '200-html' },
  { name: '401', fault: '401' },
];

const DIALECTS = ['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini'] as const satisfies DialectName[];

export interface SdkCell {
  sdk: Sdk;
  condition: Condition;
  stream: boolean;
  content: Asking;
  lead: DialectName;
  backup: DialectName;
}

/** Every client, asked to stream and not, with and without a tool, in every condition; leads and backups take turns at the dialects. */
export function cellsOf(sdk: Sdk): SdkCell[] {
  const cells: SdkCell[] = [];
  for (const condition of CONDITIONS)
    for (const stream of [true, false])
      for (const content of ['text', 'tool'] as const) {
        const turn = cells.length;
        // Mostly the client's own dialect leads, as with its own vendor; every fourth time another.
        const lead = turn % 4 === 3 ? nth(turn >> 2) : sdk.dialect;
        const instead = (dialect: DialectName): DialectName =>
          sdk.wholeCallsOnly && stream && content === 'tool' && dialect === 'openai-chat' ? 'anthropic-messages' : dialect;
        cells.push({ sdk, condition, stream, content, lead: instead(lead), backup: instead(nth(turn + 1 + (turn >> 2))) });
      }
  return cells;
}

function nth(turn: number): DialectName {
  return DIALECTS[turn % DIALECTS.length]!;
}

export function cellName({ sdk, condition, stream, content, lead, backup }: SdkCell): string {
  return `${sdk.name}, ${stream ? 'stream' : 'whole'} ${content}: ${condition.name} (${lead} | ${backup})`;
}
