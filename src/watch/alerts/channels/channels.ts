import type { Clock } from '../../../exchange/clock.ts';
import type { Happening } from '../../../telemetry/signal.ts';
import type { Channel } from '../channel.ts';
import type { AlertSettings, ChannelSettings } from '../settings.ts';
import { bellChannel } from './bell.ts';
import { commandChannel } from './command.ts';
import { desktopChannel } from './desktop.ts';
import { discordChannel } from './discord.ts';
import { emailChannel } from './email.ts';
import { ntfyChannel } from './ntfy.ts';
import { slackBot, slackWebhook } from './slack.ts';
import { teamsChannel } from './teams.ts';
import type { WebCall } from './web-call.ts';
import { webhookChannel } from './webhook.ts';

export interface ChannelPorts {
  call: WebCall;
  clock: Clock;
  environment: Readonly<Record<string, string | undefined>>;
  platform: NodeJS.Platform;
  tell(happening: Extract<Happening, { type: 'alert' }>): void;
}

/** All ways to tell people that there are, by name. */
export function channelsOf({ channels }: Pick<AlertSettings, 'channels'>, ports: ChannelPorts): Map<string, Channel> {
  return new Map([
    ['desktop', desktopChannel(ports.environment, ports.platform)],
    ['bell', bellChannel(ports.tell)],
    ...Object.entries(channels).map(([name, settings]) => [name, channelOf(settings, ports)] as const),
  ]);
}

function channelOf(settings: ChannelSettings, { call, clock, environment }: ChannelPorts): Channel {
  switch (settings.type) {
    case 'webhook':
      return webhookChannel(call, settings);
    case 'slack':
      return slackWebhook(call, settings);
    case 'slack-bot':
      return slackBot(call, settings);
    case 'discord':
      return discordChannel(call, settings);
    case 'teams':
      return teamsChannel(call, settings);
    case 'ntfy':
      return ntfyChannel(call, settings);
    case 'email':
      return emailChannel(settings);
    case 'command':
      return commandChannel(settings, clock, environment);
  }
}
