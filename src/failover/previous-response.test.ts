import { expect, it } from 'vitest';
import { withPreviousId } from './previous-response.ts';

it('only the member itself is changed, and only where it says nothing', () => {
  const named = (text: string): string => withPreviousId(Buffer.from(text), 'resp_1').toString();
  expect(named('{"id":"r","previous_response_id":null,"x":"ü"}')).toBe('{"id":"r","previous_response_id":"resp_1","x":"ü"}');
  expect(named('data: {"response":{"previous_response_id": null}}\n\n')).toBe('data: {"response":{"previous_response_id":"resp_1"}}\n\n');
  // Words of the model about it, another response, and what bears nothing of it.
  for (const text of ['{"delta":"\\"previous_response_id\\":null"}', '{"previous_response_id":"resp_0"}', '{"delta":"Hello"}'])
    expect(named(text)).toBe(text);
  const bytes = Buffer.from('{"delta":"Hello"}');
  expect(withPreviousId(bytes, 'resp_1')).toBe(bytes);
});
