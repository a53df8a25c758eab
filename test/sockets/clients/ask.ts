import type { Sdk } from '../socket-cell.ts';
import { askAnthropic } from './anthropic-sdk.ts';
import { askGoogle } from './google-genai.ts';
import { askResponses } from './openai-responses.ts';
import { askOpenai } from './openai-sdk.ts';
import { askVercel } from './vercel.ts';
import type { Asking, View } from './view.ts';

/** Asks with an official client, its own retries off. Never rejects. */
export function askWith(sdk: Sdk, asking: Asking): Promise<View> {
  switch (sdk) {
    case 'anthropic-sdk':
      return askAnthropic(asking);
    case 'openai-sdk':
      return askOpenai(asking);
    case 'openai-responses':
      return askResponses(asking);
    case 'google-genai':
      return askGoogle(asking);
    case 'vercel-anthropic':
    case 'vercel-openai':
    case 'vercel-compatible':
    case 'vercel-responses':
    case 'vercel-google':
      return askVercel(sdk, asking);
  }
}
