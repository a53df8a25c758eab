import type { SourceName } from '../../archive/conversation.ts';
import type { Archive } from '../../archive/store/open.ts';
import type { ProductKey } from '../../watch/product.ts';
import type { PastUse } from './past.ts';

const HOUR = 3_600_000;

/** Which product somebody asked by each tool. Tools that ask several are told by the model. Tools of no one's: by their provider. */
const PRODUCT_OF: Readonly<Partial<Record<SourceName, { provider: string; product: string; web?: true }>>> = {
  'claude-code': { provider: 'anthropic', product: 'code' },
  codex: { provider: 'openai', product: 'codex' },
  'gemini-cli': { provider: 'google', product: 'api' },
  'copilot-cli': { provider: 'github', product: 'copilot' },
  cursor: { provider: 'cursor', product: 'app' },
  'claude-ai': { provider: 'anthropic', product: 'chat', web: true },
  chatgpt: { provider: 'openai', product: 'chat', web: true },
  'gemini-takeout': { provider: 'google', product: 'app', web: true },
};

/**
 * Answers that models gave, by hour: Understudy's own exchanges and those of other tools, as far as the archive has them and their time. `leadOf`: who
 * had been asked first where `provider/model` answered. Throws what SQLite throws.
 */
export function useIn({ database }: Archive, from: number, to: number, leadOf: (target: string) => ProductKey | undefined): PastUse[] {
  const rows = database
    .prepare(
      `SELECT source, provider, model, at / ${HOUR} AS hour, count(*) AS answers
         FROM messages JOIN conversations ON conversations.row = messages.conversation
        WHERE role = 'assistant' AND at >= ? AND at < ? AND same_as IS NULL
        GROUP BY source, provider, model, hour`,
    )
    .all(Math.floor(from), Math.floor(to));
  return rows.flatMap(({ source, provider, model, hour, answers }) => {
    const known = PRODUCT_OF[source as SourceName];
    const named = typeof model === 'string' ? { model } : {};
    const asked = known
      ? { provider: known.provider, product: known.product, ...named }
      : typeof provider === 'string'
        ? leadOf(`${provider}/${typeof model === 'string' ? model : '*'}`)
        : undefined;
    return asked ? [{ hour: Number(hour) * HOUR, asked, answers: Number(answers), web: known?.web === true }] : [];
  });
}
