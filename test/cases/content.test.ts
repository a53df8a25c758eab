/** Cases 27 to 30 of research/dialects.md 3.2: what a message may hold. */
import { describe, expect, test } from 'vitest';
import type { ClientDialect } from '../../src/drill/wire-reader.ts';
import type { JsonObject } from '../../src/exchange/json.ts';
import { SERVICES } from './house.ts';
import { SPEAKERS } from './speakers.ts';
import { PAIRS, PNG, tell } from './tell.ts';

test.each(PAIRS)('case 27: %s to %s: images, and the words beside them', async (client, service) => {
  const { json, turns, losses } = await tell(client, service, SPEAKERS[client].user('What is on it?', [PNG]));
  expect(json).toContain(PNG);
  expect(turns.at(-1)!.text).toContain('What is on it?');
  expect(losses).toEqual([]);
});

describe('case 28: documents', () => {
  const PDF = 'JVBERi0xLjQKJSBhIHNtYWxsIHRlc3QKJSVFT0YK';
  const URL = 'https://example.com/a.pdf';
  const text = 'What does it say?';
  const INLINE: Record<ClientDialect, JsonObject[]> = {
    'anthropic-messages': [
      {
        role: 'user',
        content: [
          { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: PDF }, title: 'a.pdf' },
          { type: 'text', text },
        ],
      },
    ],
    'openai-chat': [
      {
        role: 'user',
        content: [
          { type: 'file', file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${PDF}` } },
          { type: 'text', text },
        ],
      },
    ],
    'openai-responses': [
      {
        role: 'user',
        content: [
          { type: 'input_file', filename: 'a.pdf', file_data: `data:application/pdf;base64,${PDF}` },
          { type: 'input_text', text },
        ],
      },
    ],
    gemini: [{ role: 'user', parts: [{ inlineData: { mimeType: 'application/pdf', data: PDF } }, { text }] }],
  };
  const LINKED: Partial<Record<ClientDialect, JsonObject[]>> = {
    'anthropic-messages': [
      {
        role: 'user',
        content: [
          { type: 'document', source: { type: 'url', url: URL } },
          { type: 'text', text },
        ],
      },
    ],
    'openai-responses': [
      {
        role: 'user',
        content: [
          { type: 'input_file', file_url: URL },
          { type: 'input_text', text },
        ],
      },
    ],
    gemini: [{ role: 'user', parts: [{ fileData: { mimeType: 'application/pdf', fileUri: URL } }, { text }] }],
  };

  test.each(PAIRS)('case 28: %s to %s: a PDF goes along with its bytes', async (client, service) => {
    const { json, turns, losses } = await tell(client, service, INLINE[client]);
    expect(json).toContain(PDF);
    expect(turns.at(-1)!.text).toContain(text);
    expect(losses.filter((loss) => !/title|filename|name/.test(loss))).toEqual([]);
  });

  test.each(PAIRS.filter(([client]) => LINKED[client]))(
    'case 28: %s to %s: a PDF that lies elsewhere goes along, or is told as lost',
    async (client, service) => {
      const { json, turns, losses } = await tell(client, service, LINKED[client]!);
      expect(json.includes(URL) || losses.some((loss) => /document|parts/.test(loss))).toBe(true);
      expect(turns.at(-1)!.text).toContain(text);
      // Chat alone has no place for it, and says so.
      expect(losses.length > 0).toBe(SERVICES[service].dialect === 'openai-chat');
    },
  );
});

describe('case 29: content in several pieces', () => {
  const PIECES: Record<ClientDialect, JsonObject[]> = {
    'anthropic-messages': [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'one' },
          { type: 'text', text: 'two' },
        ],
      },
    ],
    'openai-chat': [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'one' },
          { type: 'text', text: 'two' },
        ],
      },
    ],
    'openai-responses': [
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'one' },
          { type: 'input_text', text: 'two' },
        ],
      },
    ],
    gemini: [{ role: 'user', parts: [{ text: 'one' }, { text: 'two' }] }],
  };
  test.each(PAIRS)('case 29: %s to %s', async (client, service) => {
    const { turns } = await tell(client, service, PIECES[client]);
    expect(turns.map(({ text }) => text).join('\n')).toMatch(/one\s*two/);
  });

  test.each(PAIRS)('case 29: %s to %s: an earlier answer, too', async (client, service) => {
    const said: JsonObject[] = {
      'anthropic-messages': [
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'three' },
            { type: 'text', text: 'four' },
          ],
        },
      ],
      'openai-chat': [
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'three' },
            { type: 'text', text: 'four' },
          ],
        },
      ],
      'openai-responses': [
        {
          type: 'message',
          role: 'assistant',
          content: [
            { type: 'output_text', text: 'three' },
            { type: 'output_text', text: 'four' },
          ],
        },
      ],
      gemini: [{ role: 'model', parts: [{ text: 'three' }, { text: 'four' }] }],
    }[client];
    const { turns } = await tell(client, service, [...PIECES[client], ...said, ...SPEAKERS[client].user('Go on.')]);
    expect(
      turns
        .filter(({ role }) => role === 'assistant')
        .map(({ text }) => text)
        .join(''),
    ).toMatch(/three\s*four/);
  });
});

describe('case 30: an instruction in the middle of a conversation', () => {
  const INSTRUCTION: Partial<Record<ClientDialect, JsonObject>> = {
    'anthropic-messages': { role: 'system', content: 'Be brief from here on.' },
    'openai-chat': { role: 'system', content: 'Be brief from here on.' },
    'openai-responses': { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Be brief from here on.' }] },
  };
  // Claude 4.5 refuses it raw, too: what a client sends natively is its own.
  const pairs = PAIRS.filter(([client, service]) => INSTRUCTION[client] && !(client === 'anthropic-messages' && service === 'sonnet'));
  test.each(pairs)('case 30: %s to %s stays where it stands', async (client, service) => {
    const { user, said } = SPEAKERS[client];
    const { turns } = await tell(client, service, [...user('First.'), ...said('Yes.'), ...user('Second.'), INSTRUCTION[client]!]);
    const texts = turns.map(({ text }) => text);
    const at = (word: string): number => texts.findIndex((text) => text.includes(word));
    expect(at('Be brief')).toBeGreaterThanOrEqual(at('Second.'));
    expect(at('Second.')).toBeGreaterThan(at('First.'));
  });
});
