import { describe, expect, test } from 'vitest';
import { members } from '../json-spans.ts';
import { followReferences, missingReferences } from './references.ts';

const MESSAGE = '{"type":"message", "id":"msg_1","role":"assistant","content":[]}';
const TEXT = '{"role":"user","content":"\\"item_reference\\""}';

function body(...items: string[]): Buffer {
  return Buffer.from(`{"model": "m","input": [${items.join(' , ')}],"x":1}`);
}

function reference(id: string): string {
  return `{"type":"item_reference" ,"id":"${id}"}`;
}

function missing(bytes: Buffer): string[] {
  const top = members(bytes);
  return missingReferences(bytes, top.ok ? top.value.get('input') : undefined);
}

describe('case 45: references to items that only their keeper knows', () => {
  test('those are missing that are not in the same input', () => {
    expect(missing(body(TEXT, MESSAGE, reference('msg_1')))).toEqual([]);
    expect(missing(body(reference('rs_1'), MESSAGE, reference('msg_1'), reference('fc_1')))).toEqual(['rs_1', 'fc_1']);
    expect(missing(Buffer.from('{"input":"\\"item_reference\\""}'))).toEqual([]);
  });

  test('what is known stands in their place, and every other byte where it stood', () => {
    const known = new Map([['fc_1', { type: 'function_call', id: 'fc_1', call_id: 'a', name: 'f', arguments: '{}' }]]);
    const followed = followReferences(body(TEXT, reference('fc_1'), reference('rs_1')), known);
    expect(followed.toString()).toBe(body(TEXT, JSON.stringify(known.get('fc_1')), reference('rs_1')).toString());
    expect(missing(followed)).toEqual(['rs_1']);
    const untouched = body(TEXT, MESSAGE);
    expect(followReferences(untouched, known)).toBe(untouched);
  });
});
