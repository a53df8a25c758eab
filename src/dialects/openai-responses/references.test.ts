import { describe, expect, test } from 'vitest';
import { members } from '../json-spans.ts';
import { missingReferences } from './references.ts';

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
});
