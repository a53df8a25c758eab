import { expect, it } from 'vitest';
import { localPlaces } from './places.ts';

const SETTINGS = { find: true, ports: [] };

it('is at the usual ports and those of the settings, and only on this machine', () => {
  const places = localPlaces({ find: true, ports: [9000, 8080, 9000] }, {});
  expect(places).toEqual({
    ok: true,
    value: [
      { baseUrl: 'http://127.0.0.1:11434/v1', named: false },
      { baseUrl: 'http://127.0.0.1:1234/v1', named: false },
      { baseUrl: 'http://127.0.0.1:8080/v1', named: true },
      { baseUrl: 'http://127.0.0.1:8000/v1', named: false },
      { baseUrl: 'http://127.0.0.1:9000/v1', named: true },
    ],
  });
  expect(localPlaces({ find: false, ports: [9000] }, {})).toEqual({ ok: true, value: [] });
});

it('is where the environment says, or nowhere', () => {
  expect(localPlaces(SETTINGS, { UNDERSTUDY_LOCAL: 'off' })).toEqual({ ok: true, value: [] });
  expect(localPlaces(SETTINGS, { UNDERSTUDY_LOCAL: 'ollama=http://127.0.0.1:9/v1/, lmstudio=http://[::1]:8/v1' })).toEqual({
    ok: true,
    value: [
      { provider: 'ollama', baseUrl: 'http://127.0.0.1:9/v1', named: true },
      { provider: 'lmstudio', baseUrl: 'http://[::1]:8/v1', named: true },
    ],
  });
  for (const wrong of ['on', 'openai=http://127.0.0.1:9', 'ollama=9000', 'ollama=file:///x'])
    expect(localPlaces(SETTINGS, { UNDERSTUDY_LOCAL: wrong })).toMatchObject({ ok: false, error: expect.stringContaining('ollama') });
});
