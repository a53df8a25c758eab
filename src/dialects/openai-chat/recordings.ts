/** For tests: answers recorded from real services, which are never part of this repository. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseObject } from '../../exchange/json.ts';

export const RECORDINGS = `${process.env.UNDERSTUDY_CORPORA ?? '/work/shared/corpora'}/vercel-ai-fixtures`;

export interface Recording {
  name: string;
  stream: Buffer;
}

/** Streams of many services in chat's format; none where the recordings are not at hand. */
export function recordedStreams(): Recording[] {
  if (!existsSync(RECORDINGS)) return [];
  return readdirSync(RECORDINGS, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .flatMap((name) => {
      const path = join(RECORDINGS, name);
      if (name.endsWith('.sse')) return [{ name, stream: readFileSync(path) }];
      if (!name.endsWith('.chunks.txt')) return [];
      const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
      const isChat = lines.every((line) => {
        const chunk = parseObject(line);
        return Array.isArray(chunk?.choices) && chunk.object !== 'text_completion';
      });
      return isChat ? [{ name, stream: Buffer.from(`${lines.map((line) => `data: ${line}\n\n`).join('')}data: [DONE]\n\n`) }] : [];
    });
}
