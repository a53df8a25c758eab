import type { DialectName } from '../../src/exchange/dialect-name.ts';
import { parseObject, type JsonObject } from '../../src/exchange/json.ts';
import type { ExchangeDetail } from '../../src/journal/journal.ts';
import { answerText } from '../../src/sim/answer.ts';
import type { Asked } from '../../src/sim/asked.ts';
import { answer } from '../../src/sim/assistant.ts';
import { readAnthropic } from '../../src/sim/wire/read-anthropic.ts';
import { readChat } from '../../src/sim/wire/read-chat.ts';
import { readGemini } from '../../src/sim/wire/read-gemini.ts';
import { readResponses } from '../../src/sim/wire/read-responses.ts';

export interface Expected {
  /** The words of a simulated assistant that was asked what the client asked, whoever was asked in the end. */
  words: string;
  /** It asks for a title or the like, beside the conversation: no tools are offered. */
  aside: boolean;
}

/** What has to come back, going by the client's own request as it is on disk and by nothing that Understudy made of it. */
export function expectedOf(detail: ExchangeDetail, dialect: DialectName): Expected | undefined {
  const body = parseObject(detail.request ?? '');
  if (!body) return undefined;
  const asked = read(body, dialect, detail);
  return { words: answerText(answer(asked, 'any')), aside: asked.tools.length === 0 };
}

function read(body: JsonObject, dialect: DialectName, { model, request = '' }: ExchangeDetail): Asked {
  switch (dialect) {
    case 'anthropic-messages':
      return readAnthropic(body, request.length);
    case 'openai-chat':
      return readChat(body, request.length);
    case 'openai-responses':
      return readResponses(body, request.length);
    case 'gemini':
      return readGemini(body, request.length, `/v1beta/models/${model}:streamGenerateContent?alt=sse`);
  }
}
