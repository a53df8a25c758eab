import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../exchange/json.ts';
import { inspect } from './inspect.ts';
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
  return missingReferences((JSON.parse(bytes.toString()) as JsonObject).input);
}

describe('case 45: references to items that only their keeper knows', () => {
  test('those are missing that are not in the same input', () => {
    expect(missing(body(TEXT, MESSAGE, reference('msg_1')))).toEqual([]);
    expect(missing(body(reference('rs_1'), MESSAGE, reference('msg_1'), reference('fc_1')))).toEqual(['rs_1', 'fc_1']);
    expect(missing(Buffer.from('{"model":"m","input":"\\"item_reference\\""}'))).toEqual([]);
  });

  test('planning is told of the first, and not of text that looks like one', () => {
    for (const parse of [false, true]) {
      const head = inspect(body(reference('rs_1'), MESSAGE, reference('fc_1')), '/v1/responses', parse);
      expect(head.ok && head.value.dependsOn).toBe('the stored item rs_1');
      const none = inspect(body(TEXT, MESSAGE, reference('msg_1')), '/v1/responses', parse);
      expect(none.ok && none.value.dependsOn).toBeUndefined();
    }
  });
});
