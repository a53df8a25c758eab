import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../exchange/json.ts';
import { claudeHooks, hookedEvents, withHooks, withoutHooks } from './claude-hooks.ts';

const HOOKS = claudeHooks('"/opt/under study/bin/understudy"', "/home/o'brien/.config/understudy/claude-failed.json", 'linux');

describe('hooks in Claude Code’s settings', () => {
  it('stand beside those that are there', () => {
    const own = { type: 'command', command: 'say done' };
    const settings = { model: 'opus', hooks: { Stop: [{ hooks: [own] }], StopFailure: [{ matcher: 'rate_limit', hooks: [own] }] } };
    const made = withHooks(settings, HOOKS);
    expect(hookedEvents(made)).toEqual(['StopFailure', 'SessionStart', 'UserPromptSubmit']);
    expect(made['hooks']).toMatchObject({ Stop: [{ hooks: [own] }], StopFailure: [{ matcher: 'rate_limit', hooks: [own] }, {}] });
    expect(withoutHooks(made)).toEqual(settings);
  });

  it('leave no trace, whatever was there, and are there once', () => {
    const command = fc.record({ type: fc.constant('command'), command: fc.string() });
    const group = fc.record({ matcher: fc.string(), hooks: fc.array(command, { minLength: 1, maxLength: 3 }) });
    const events = fc.dictionary(
      fc.constantFrom('Stop', 'StopFailure', 'SessionStart', 'PreToolUse'),
      fc.array(fc.oneof(group, fc.jsonValue()), { minLength: 1, maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.record({ hooks: events, theme: fc.string() }, { requiredKeys: [] }), (given) => {
        const settings = given as JsonObject;
        const once = withHooks(settings, HOOKS);
        expect(withHooks(once, HOOKS)).toEqual(once);
        const { hooks: _none, ...rest } = settings;
        const nothing = settings['hooks'] === undefined || Object.keys(settings['hooks'] ?? {}).length === 0;
        expect(withoutHooks(once)).toEqual(nothing ? rest : settings);
      }),
    );
  });

  it('start nothing for a prompt unless a turn has failed, and nothing at all on Windows', () => {
    expect(HOOKS['UserPromptSubmit']).toBe(
      "test ! -e '/home/o'\\''brien/.config/understudy/claude-failed.json' || \"/opt/under study/bin/understudy\" hooks run claude",
    );
    expect(claudeHooks('understudy', 'C:\\f', 'win32')['UserPromptSubmit']).toBeUndefined();
  });
});
