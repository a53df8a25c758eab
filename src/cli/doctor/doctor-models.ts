import type { Loaded } from '../../config/load.ts';
import { counted } from '../counted.ts';
import type { CliDeps } from '../deps.ts';
import { lookAtMachine } from '../local/look-at-machine.ts';
import type { Finding } from './doctor-finding.ts';

const ABOUT = 'local models';

/** What of this machine could stand in: looked for as a start would. */
export async function modelFindings(loaded: Loaded, { surroundings, clock }: CliDeps): Promise<Finding[]> {
  const looked = await lookAtMachine(loaded, surroundings, clock);
  if (!looked.ok) return [{ about: ABOUT, state: 'bad', said: looked.error }];
  const { off, services, strangers, routes } = looked.value;
  if (off !== undefined) return [{ about: ABOUT, state: 'good', said: `nobody is looked for (${off})` }];
  const locked = strangers.filter(({ said }) => said.includes('asks for a key'));
  const found = services.filter(({ models }) => models.length > 0);
  const findings: Finding[] = locked.map(({ baseUrl }) => ({
    about: ABOUT,
    state: 'look',
    said: `${baseUrl} asks for a key`,
    advice: `If that is a model service of yours, give it its key: providers: { mine: { dialect: openai-chat, baseUrl: ${baseUrl}, apiKey: … } }`,
  }));
  if (found.length === 0)
    return [
      ...findings,
      { about: ABOUT, state: 'good', said: 'none found; with all providers down, nobody would be left (understudy local says how)' },
    ];
  const who = found
    .map(({ title, baseUrl, models }) => `${title} at ${new URL(baseUrl).host} (${counted(models.length, 'model')})`)
    .join(', ');
  const uses = routes.map(({ route, targets }) => `${route} (${targets[0]})`);
  return [
    ...findings,
    uses.length > 0
      ? { about: ABOUT, state: 'good', said: `${who}; last of ${uses.join(', ')}` }
      : {
          about: ABOUT,
          state: 'look',
          said: `${who}, and no route leads there`,
          advice: 'They end the route `default`, and any that names local, unless its allow or never forbids it.',
        },
  ];
}
