import { join } from 'node:path';
import { CONFIG_NAME, configFolder } from '../../config/paths.ts';
import { findPreset } from '../../providers/catalogue.ts';
import type { Client, NoKey } from '../clients/client.ts';
import type { Surroundings } from '../deps.ts';
import type { Paint } from '../terminal.ts';

/** Why a client cannot be put behind Understudy as it is, and every way on from here. */
export function noKeyHelp(
  client: Client,
  found: NoKey['found'],
  { paint, surroundings, here }: { paint: Paint; surroundings: Surroundings; here?: string | undefined },
): string[] {
  const preset = findPreset(client.vendor);
  const variable = client.keyVariables[0] ?? '';
  const config = join(configFolder(surroundings), CONFIG_NAME);
  const command = (text: string): string => paint.accent(text);
  return [
    `${client.title} has no API key here, and nobody in Understudy’s configuration answers for it without one. It was not started.`,
    ...found.map((sentence) => `  ${sentence}`),
    ...(client.login === undefined
      ? []
      : [`If you use ${client.login}: that login belongs to ${client.title} and its vendor alone. Understudy leaves it alone.`]),
    '',
    'What you can do:',
    `  ${command(`understudy run --direct ${client.name}`)}`,
    `      ${client.title} by itself, as without Understudy, with your own login. Nothing stands in for it.`,
    `  ${command(`export ${variable}=…`)}`,
    `      a key of ${preset?.title ?? client.vendor} (${preset?.keyPage ?? 'see its maker'}), and again. It goes to that service only, and is billed there.`,
    ...(here === undefined || client.ownModelsOnly
      ? []
      : [
          `  ${command(`understudy run ${client.name} --model ${here}`)}`,
          '      a model that was found on this machine: nothing leaves it.',
        ]),
    `  ${command('understudy start')}`,
    `      asks which keys in your environment may answer, and in which order; or write ${config} (docs/configuration.md).`,
    ...loginHelp(client, command),
    ...(client.ownModelsOnly
      ? []
      : [
          `  ${command(`understudy run ${client.name} --model sim/${simulatedFor(client)}`)}`,
          '      a simulated assistant that says so: to see how it works, without any key.',
        ]),
    `Free keys and local models, with what becomes of your text: ${command('understudy login --list')}`,
  ];
}

/** What its vendor lets a subscriber do. */
function loginHelp({ name, vendor, login }: Client, command: (text: string) => string): string[] {
  if (login === undefined) return [];
  // For Claude Code alone, by Anthropic's terms.
  if (name === 'claude')
    return [
      `  ${command('understudy login claude-code')}`,
      '      shows what Anthropic says about the login of a Claude plan, and lets yours go along if you then agree.',
    ];
  if (vendor === 'openai')
    return [
      `  ${command('understudy login chatgpt')}`,
      '      OpenAI’s own sign-in for programs like this one: your plan answers, where a route says so.',
    ];
  return [];
}

function simulatedFor({ dialect }: Client): string {
  return dialect === 'anthropic-messages' ? 'claude' : dialect === 'gemini' ? 'gemini' : 'chatgpt';
}
