import type { Producer } from '../../exchange/part.ts';

export const DIALECT = 'gemini';

/** The vendor whose proofs this dialect's clients send back bare; everybody else's are sealed in an envelope. */
export const VENDOR = 'google';

/** Who made a part: the wire does not say which vendor (Google, Vertex, a proxy), only whose format it is. */
export const PRODUCER: Producer = { dialect: DIALECT };
