import { expect, it } from 'vitest';
import { parseConfig } from './load.ts';

/** The places that are told, in order. */
function told(text: string): string[] {
  const loaded = parseConfig(text, 'understudy.yaml', { environment: {}, home: '/home/me', platform: 'linux' });
  return loaded.ok ? [] : loaded.error.map(({ path }) => path);
}

it('tells at once what is wrong with the text, with its form, and with what it means', () => {
  expect(
    told(`
server: { port: eighty, hots: x }
providers:
  anthropic: { apiKey: \${NOT_SET_ANYWHERE} }
  opnai: { apiKey: x }
  wall: { dialect: openai-chat, baseUrl: 5 }
routes:
  default: [anthropic/*, nobody/x, wall/y, sim/claude]
  a: { targets: [anthropic/x], nevr: [openai], save: perhaps }
deadlines: { total: soon }`),
  ).toEqual([
    'server.port',
    'server.hots',
    'providers.anthropic.apiKey',
    'providers.opnai',
    'providers.wall.baseUrl',
    'routes.default[1]',
    'routes.default[3]',
    'routes.a.nevr',
    'routes.a.save',
    'deadlines.total',
  ]);
});

it('does not tell a mistake again as its own consequence', () => {
  // Without its base URL a service is unknown, and without its token a server is open.
  expect(told('providers: { wall: { baseUrl: [] } }\nroutes: { default: [wall/x] }')).toEqual(['providers.wall.baseUrl']);
  expect(told('providers: { wall: 5 }\nroutes: { default: [wall/x] }')).toEqual(['providers.wall']);
  expect(told('server: { host: 0.0.0.0, token: ${NOT_SET_ANYWHERE} }')).toEqual(['server.token']);
});

it('tells of the text alone where there is nothing to read', () => {
  expect(told('routes: { default: [nobody/x }')).toEqual(['']);
});
