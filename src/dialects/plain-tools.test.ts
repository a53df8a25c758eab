import { describe, expect, test } from 'vitest';
import type { Request, Tool } from '../exchange/request.ts';
import { asFunction, calledTools, flatName } from './plain-tools.ts';

const patch: Tool = {
  type: 'custom',
  name: 'apply_patch',
  description: 'Edits files.',
  grammar: { syntax: 'lark', definition: 'start: "x"' },
};
const search: Tool = { type: 'function', name: 'search', namespace: 'mcp__github', parameters: {} };
const plain: Tool = { type: 'function', name: 'plain', parameters: {} };
const shell: Tool = {
  type: 'client',
  kind: 'local-shell',
  name: 'local_shell',
  definition: { type: 'opaque', producer: { dialect: 'openai-responses' }, value: { type: 'local_shell' } },
};

function request(tools: Tool[]): Request {
  return { model: 'm', stream: true, system: [], messages: [], tools, output: { type: 'text' }, sampling: {}, stop: [] };
}

describe('tools as plain functions', () => {
  test('case 20: a tool for free text becomes a function of one string, and its grammar a description', () => {
    const tool = asFunction(patch);
    expect(tool.parameters).toMatchObject({ required: ['input'], properties: { input: { type: 'string' } } });
    expect(tool.description).toBe('Edits files.\n\nThe input must match this lark grammar:\nstart: "x"');
  });

  test('a namespace becomes part of the name', () => {
    expect(flatName(search)).toBe('mcp__github__search');
    expect(asFunction(search)).toEqual({ type: 'function', name: 'mcp__github__search', parameters: {} });
  });

  test('the way back names every tool that the client knows otherwise, and no other', () => {
    const calls = calledTools(request([patch, search, plain, shell]), (name) => name);
    expect([...calls]).toEqual([
      ['apply_patch', { name: 'apply_patch', kind: 'custom' }],
      ['mcp__github__search', { name: 'search', namespace: 'mcp__github' }],
      ['local_shell', { name: 'local_shell', kind: 'local-shell' }],
    ]);
    expect([...calledTools(request([plain]), () => 'p_1')]).toEqual([['p_1', { name: 'plain' }]]);
  });
});
