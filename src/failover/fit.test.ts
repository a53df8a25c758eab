import { describe, expect, test } from 'vitest';
import type { TargetFacts } from '../dialects/target-facts.ts';
import type { ImagePart, Part } from '../exchange/part.ts';
import type { Request } from '../exchange/request.ts';
import { misfit, strictRefusal } from './fit.ts';

const facts: TargetFacts = {
  vendor: 'v',
  model: 'm',
  prefill: false,
  reasoning: 'none',
  maxTokensField: 'max_tokens',
  systemRole: 'system',
  fixedSampling: false,
};
const image: ImagePart = { type: 'image', source: { type: 'url', url: 'https://example.org/a.png' } };

function request(...parts: Part[]): Request {
  return {
    model: 'm',
    stream: true,
    system: [],
    messages: [{ role: 'user', parts }],
    tools: [],
    output: { type: 'text' },
    sampling: {},
    stop: [],
  };
}

describe('what does not fit a model', () => {
  test('images, also inside the result of a tool', () => {
    const blind = { ...facts, images: false };
    expect(misfit(request(image), blind)).toBe('m takes no images');
    expect(misfit(request({ type: 'tool-result', callId: 'a', isError: false, content: [image] }), blind)).toBe('m takes no images');
    expect(misfit(request({ type: 'text', text: 'look' }), blind)).toBeUndefined();
    expect(misfit(request(image), facts)).toBeUndefined();
  });

  test('documents, unless they are plain text', () => {
    const blind = { ...facts, documents: false };
    const text: Part = { type: 'document', source: { type: 'text', mediaType: 'text/plain', text: 'x' } };
    expect(misfit(request(text), blind)).toBeUndefined();
    expect(misfit(request({ ...text, source: { type: 'base64', mediaType: 'application/pdf', data: 'eA==' } }), blind)).toBe(
      'm takes no documents',
    );
  });
});

describe('a strict route', () => {
  test('leaves a target out for what it could not be told, and says what', () => {
    const tool = { what: 'tools[0]', why: 'only Anthropic runs it' };
    expect(strictRefusal([tool])).toBe('the route is strict, and this could not be said: tools[0]: only Anthropic runs it');
    expect(strictRefusal([{ what: 'a.cache_control', why: 'x' }, tool, { what: 'top_k', why: 'y' }])).toContain('(and 1 more)');
  });

  test('minds that log probabilities are asked for, not that a history has some; how wordy to be it does not mind', () => {
    expect(strictRefusal([{ what: 'logprobs', why: 'x' }])).toContain('logprobs');
    expect(strictRefusal([{ what: 'messages[1].parts[0].logprobs', why: 'x' }])).toBeUndefined();
    expect(
      strictRefusal([
        { what: 'verbosity', why: 'x' },
        { what: 'text', why: 'x' },
      ]),
    ).toBeUndefined();
  });

  test("does not mind cache marks, labels and reasoning that is its maker's", () => {
    const reasoning = { what: 'messages[1].parts[0]', why: 'x', foreignReasoning: true as const };
    expect(strictRefusal([{ what: 'system[0].cache_control', why: 'x' }, { what: 'user', why: 'hashed' }, reasoning])).toBeUndefined();
  });
});
