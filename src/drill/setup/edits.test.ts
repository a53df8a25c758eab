import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseObject, type Json, type JsonObject } from '../../exchange/json.ts';
import { withMembers, withoutMembers } from './edit-json.ts';
import { readToml, tomlBlock, withoutTomlBlock, withTomlBlock } from './edit-toml.ts';

const name = fc
  .oneof(fc.constantFrom('a', 'gh', 'my server', 'x.y', '"', 'ä\\b'), fc.string({ minLength: 1, maxLength: 8 }))
  .filter((each) => each !== '__proto__');
const entry = fc.record({
  command: fc.string(),
  args: fc.array(fc.string(), { maxLength: 3 }),
  env: fc.dictionary(name, fc.string(), { maxKeys: 2, noNullPrototype: true }),
});
const servers = fc.dictionary(name, entry, { minKeys: 1, maxKeys: 3, noNullPrototype: true });
const value = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(name, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;
const settings = fc.dictionary(name, value, { maxKeys: 4, noNullPrototype: true });

describe('members in a JSON file', () => {
  it('come in without another byte changing, and go again', () => {
    fc.assert(
      fc.property(
        settings,
        servers,
        fc.constantFrom<(string | number | undefined)[]>(undefined!, 2, 4, '\t') as fc.Arbitrary<string | number | undefined>,
        fc.boolean(),
        (own, added, indent, isNew) => {
          const there = isNew ? own : { ...own, mcpServers: { 'one of mine': { command: 'true' } } };
          const before = JSON.stringify(there, null, indent);
          if (isNew && own['mcpServers'] !== undefined) return;
          const after = withMembers(before, ['mcpServers'], added);
          if (!after.ok) throw new Error(after.error);
          expect(parseObject(after.value)).toEqual({
            ...there,
            mcpServers: { ...((there as JsonObject)['mcpServers'] as JsonObject), ...added },
          });
          // What was there is there still, in one piece before and one behind.
          let kept = 0;
          while (kept < before.length && before[kept] === after.value[kept]) kept++;
          expect(after.value.endsWith(before.slice(kept))).toBe(true);
          const less = withoutMembers(after.value, ['mcpServers'], Object.keys(added));
          expect(parseObject(less!)).toEqual(isNew ? { ...there, mcpServers: {} } : there);
        },
      ),
      { numRuns: 200 },
    );
  });

  it.each([
    ['{\n  // mine\n  "a": 1\n}', 'comments'],
    ['[]', 'comments'],
    ['{"mcpServers": []}', 'no object'],
    ['{"mcpServers": 1, "mcpServers": {"a": {}}, "mcpServers": null}', 'no object'],
  ])('are not put into %s', (text, why) => {
    expect(withMembers(text, ['mcpServers'], { a: {} })).toMatchObject({ ok: false, error: expect.stringContaining(why) });
  });

  it('keep the manner of the file', () => {
    const added = withMembers('{\r\n\t"a": {\r\n\t\t"b": 1\r\n\t}\r\n}\r\n', ['mcp'], { x: { y: 1 } });
    expect(added).toEqual({
      ok: true,
      value: '{\r\n\t"a": {\r\n\t\t"b": 1\r\n\t},\r\n\t"mcp": {\r\n\t\t"x": {\r\n\t\t\t"y": 1\r\n\t\t}\r\n\t}\r\n}\r\n',
    });
  });
});

describe('a block in a TOML file', () => {
  it.each([
    '',
    'model = "x"',
    'model = "x"\n',
    '# only a comment\n',
    '[mcp_servers.mine]\ncommand = "true"\n',
    '[a]\nb = 1\r\n[[c]]\nd = 2',
  ])('comes behind %j and goes again', (before) => {
    fc.assert(
      fc.property(servers, (added) => {
        const block = tomlBlock('0a1b2c3d', ['mcp_servers'], added);
        const after = withTomlBlock(before, block);
        if (!after.ok) throw new Error(after.error);
        expect(after.value.startsWith(before)).toBe(true);
        expect(readToml(after.value)).toMatchObject(JSON.parse(JSON.stringify({ mcp_servers: added })) as object);
        expect(readToml(withoutTomlBlock(after.value, block))).toEqual(readToml(before));
      }),
      { numRuns: 60 },
    );
  });

  it('says all that servers have', () => {
    const added = { 'a b': { command: 'x "y" \\ z', args: ['-y', 'ü\n'], env: { K: "it's" } } };
    const after = withTomlBlock('model = "x"\n', tomlBlock('1', ['mcp_servers'], added));
    expect(after.ok && JSON.parse(JSON.stringify(readToml(after.value)))).toEqual({ model: 'x', mcp_servers: added });
  });

  it.each(['mcp_servers = { a = { command = "x" } }\n', 'mcp_servers = 1\n', 'no toml\n', '[mcp_servers.new]\ncommand = "x"\n'])(
    'is not put behind %j',
    (before) => {
      expect(withTomlBlock(before, tomlBlock('1', ['mcp_servers'], { new: { command: 'y' } })).ok).toBe(false);
    },
  );
});
