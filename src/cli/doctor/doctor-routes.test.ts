import { describe, expect, it } from 'vitest';
import type { Loaded } from '../../config/load.ts';
import { configSettings } from '../../config/settings.ts';
import { provider } from '../../../test/matrix/providers.ts';
import { routeFindings } from './doctor-routes.ts';

function loaded(failover: object = {}, targets = ['a/*', 'b/big', 'c/free']): Loaded {
  const settings = configSettings.parse({ routes: { default: targets }, failover });
  const providers = [
    provider({ name: 'a', dialect: 'anthropic-messages', key: 'k', price: { input: 3, output: 15 } }),
    provider({ name: 'b', dialect: 'openai-chat', key: 'k', price: { input: 5, output: 25 } }),
    provider({ name: 'c', dialect: 'openai-chat', key: 'k' }),
  ];
  return { settings, resolved: { providers } } as unknown as Loaded;
}

describe('what the doctor says of a route', () => {
  it('includes what an agent’s turn would cost at the backups whose price is known', () => {
    const [finding] = routeFindings(loaded(), undefined);
    expect(finding).toMatchObject({ state: 'good', said: 'a/* → b/big → c/free; a turn of 150k tokens would cost about $0.78 at b/big' });
  });

  it('is a warning where one switch may not cost that much', () => {
    const [finding] = routeFindings(loaded({ hopSpend: 0.5 }), 'a-model');
    expect(finding).toMatchObject({ state: 'look', advice: expect.stringMatching(/at b\/big: raise failover\.hopSpend/) });
  });

  it('takes the offline desk for no backup', () => {
    expect(routeFindings(loaded({}, ['c/free', 'offline/desk']), undefined)[0]).toMatchObject({
      state: 'look',
      said: 'c/free; at last the offline desk, which is no model',
      advice: 'There is no backup: add a second target.',
    });
  });
});
