import type { ClientDialect } from '../../src/drill/wire-reader.ts';
import type { JsonObject } from '../../src/exchange/json.ts';
import type { Turn } from '../../src/sim/asked.ts';
import { VENDORS } from '../../src/sim/vendors.ts';
import { DIALECTS } from '../matrix/cell.ts';
import { type Answered, createHouse, type Script, type Service, SERVICES } from './house.ts';
import { type Options, SPEAKERS } from './speakers.ts';

/** One service of each dialect, and the stricter and older ones beside them. */
export const TARGETS = ['anthropic', 'sonnet', 'openai', 'completions', 'google', 'older'] as const satisfies Service[];

/** Every client with every service. */
export const PAIRS: readonly (readonly [ClientDialect, Service])[] = DIALECTS.flatMap((client) =>
  TARGETS.map((service) => [client, service] as const),
);

/** Without those where the client's bytes pass through. */
export const FOREIGN = PAIRS.filter(([client, service]) => SERVICES[service].dialect !== client);

export const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

export interface Told extends Answered {
  /** What the service was sent, and the same as text. */
  body: JsonObject;
  json: string;
  /** As the simulated service reads it, which knows nothing of our codecs. */
  turns: Turn[];
  losses: string[];
}

/** A question of one client to one service, which has to take it. */
export async function tell(
  client: ClientDialect,
  service: Service,
  history: readonly JsonObject[],
  options: Partial<Options> = {},
  script?: Script,
): Promise<Told> {
  const { dialect, model } = SERVICES[service];
  const question = SPEAKERS[client].question(history, { model, stream: false, ...options });
  const answered = await createHouse().ask({ client, question, targets: [service], ...(script && { script }) });
  const sent = answered.sent.at(-1);
  if (!sent) throw new Error(`nobody was asked: ${JSON.stringify(answered.outcome)}`);
  if (sent.status === 400) throw new Error(`${service} refused: ${sent.answer} of ${JSON.stringify(sent.body)}`);
  const json = JSON.stringify(sent.body);
  return {
    ...answered,
    body: sent.body,
    json,
    turns: VENDORS[dialect].read(sent.body, json.length, sent.path).turns,
    losses: answered.attempts.at(-1)!.losses,
  };
}
