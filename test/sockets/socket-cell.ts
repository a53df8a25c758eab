import type { ClientDialect } from '../../src/drill/wire-reader.ts';
import type { Refusal } from '../../src/sim/faults/fault.ts';
import { seeded } from '../../src/sim/seeded.ts';
import { type Cell, cellName, eachCell } from '../matrix/cell.ts';
import { pairwise } from './pairwise.ts';

/** The official clients, by what they speak. */
export const SDKS = {
  'anthropic-sdk': 'anthropic-messages',
  'vercel-anthropic': 'anthropic-messages',
  'openai-sdk': 'openai-chat',
  'vercel-openai': 'openai-chat',
  'vercel-compatible': 'openai-chat',
  'openai-responses': 'openai-responses',
  'vercel-responses': 'openai-responses',
  'google-genai': 'gemini',
  'vercel-google': 'gemini',
} as const satisfies Record<string, ClientDialect>;

export type Sdk = keyof typeof SDKS;

/** A cell of the fault matrix, asked by an official client over real sockets. */
export interface SocketCell extends Cell {
  sdk: Sdk;
}

/** Connection faults that need rights over network or resolver; injected at the port in `test/matrix`. */
export const AT_THE_PORT_ONLY: ReadonlySet<string> = new Set<Refusal>(['dns-timeout', 'syn-dropped']);

/** Connection faults that are made for real, by a host that is broken for good: how often has no meaning for them. */
export const BROKEN_HOSTS: ReadonlySet<string> = new Set<Refusal>([
  'closed-port',
  'dns',
  'never-reads',
  'tls-self-signed',
  'tls-expired',
  'tls-wrong-host',
  'tls-hang',
  'plain-http-on-tls',
]);

export function sdksOf(dialect: ClientDialect): Sdk[] {
  return (Object.keys(SDKS) as Sdk[]).filter((sdk) => SDKS[sdk] === dialect);
}

export function socketCellName(cell: SocketCell): string {
  return `${cell.sdk}, ${cellName(cell)}`;
}

/** Every combination that can be made over sockets: more than a million. */
export function* socketCells(): Generator<SocketCell> {
  for (const cell of eachCell()) {
    if (AT_THE_PORT_ONLY.has(cell.fault.id)) continue;
    if (BROKEN_HOSTS.has(cell.fault.id) && cell.persistence !== 'ever') continue;
    for (const sdk of sdksOf(cell.client)) yield { ...cell, sdk };
  }
}

/** The positions of these cells are words. */
export function factorsOf(cell: SocketCell): unknown[] {
  const { sdk, stream, lead, backup, content, fault, position, persistence } = cell;
  return [sdk, stream, lead, backup, content, fault.id, position, persistence];
}

/** All pairs of client, streaming, lead, backup, content, fault, position and persistence, in an order without meaning. */
export function pairwiseCells(seed: number): SocketCell[] {
  const random = seeded(seed);
  return shuffled(pairwise(socketCells(), factorsOf, random), random);
}

export function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  return items
    .map((item) => ({ item, key: random() }))
    .toSorted((one, other) => one.key - other.key)
    .map(({ item }) => item);
}
