import type { DialectName } from '../exchange/dialect-name.ts';

/**
 * No wire is spoken here, and the vocabulary names only wires: what the engine and the journal have to call by a name goes by that of
 * the most common one, as behind the bridge (providers/bridge). Nobody else reads what is marked with it.
 */
export const STAND_IN: DialectName = 'openai-chat';
