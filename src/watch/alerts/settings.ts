import { z } from 'zod';
import { onOff } from '../../failover/settings.ts';
import { duration } from '../../journal/units.ts';
import { emailSettings } from './channels/email-settings.ts';

/** Anything in it may let others write in somebody's name, so it goes over TLS or stays on this machine. */
const secretUrl = z
  .url({ protocol: /^https?$/ })
  .refine((url) => isSafe(url), 'has to begin with https:// (http:// only for this machine)');

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is no time of day such as 22:30');

const zone = z.string().refine(isZone, 'is no time zone such as Europe/Berlin');

const channel = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('webhook'),
    url: secretUrl.describe('Where each alert is posted as JSON. A secret.'),
    secret: z
      .string()
      .regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, 'is no whsec_ and base64 of at least 24 bytes')
      .optional()
      .describe('Signs each request (Standard Webhooks): whsec_ and base64. docs/alerts.md says how to make one.'),
  }),
  z.strictObject({ type: z.literal('slack'), url: secretUrl.describe('Of an incoming webhook. A secret.') }),
  z.strictObject({
    type: z.literal('slack-bot'),
    token: z.string().min(1).describe('A bot token, xoxb-…, with the scope chat:write. A secret.'),
    channel: z.string().min(1).describe('The id of a channel that the bot is in: C0123456789.'),
    url: secretUrl.default('https://slack.com/api').describe("Slack's Web API."),
  }),
  z.strictObject({ type: z.literal('discord'), url: secretUrl.describe('Of a webhook. A secret.') }),
  z.strictObject({ type: z.literal('teams'), url: secretUrl.describe('Of a workflow that posts to a channel. A secret.') }),
  z.strictObject({
    type: z.literal('ntfy'),
    url: secretUrl.default('https://ntfy.sh').describe('The server.'),
    topic: z
      .string()
      .regex(/^[-_A-Za-z0-9]{1,64}$/, 'is no topic: up to 64 letters, digits, - and _')
      .describe('Whoever knows it can read along: as good as a password.'),
    token: z.string().min(1).optional().describe('An access token, tk_…. A secret.'),
  }),
  emailSettings,
  z.strictObject({
    type: z.literal('command'),
    run: z.array(z.string()).min(1).describe('A program and its arguments; no shell. It gets the alert as JSON on stdin.'),
    timeout: duration.default(10_000).describe('Then it is ended.'),
  }),
]);

const rule = z.strictObject({
  products: z
    .array(z.string().min(1))
    .default([])
    .describe('Only these, as people call them: [claude.ai, openai/api, anthropic]. None: all that is watched.'),
  models: z
    .array(z.string().min(1))
    .default([])
    .describe('Only these models; * stands for any text: [claude-opus-*]. A whole product counts too where products names it. None: all.'),
  verdict: z.enum(['down', 'degraded', 'never']).default('down').describe('From which verdict on. never: verdicts alone alert nobody.'),
  severity: z
    .enum(['minor', 'major', 'critical', 'never'])
    .default('never')
    .describe('Also incidents of status pages that are at least that severe, whatever the verdict.'),
  maintenance: onOff.default(false).describe('Also planned work, when it begins.'),
  channels: z.array(z.string().min(1)).min(1).describe('Who is told: desktop, bell, or names of channels.'),
});

const quiet = z.strictObject({
  from: timeOfDay.describe('22:00'),
  to: timeOfDay.describe('07:00; before `from`: of the next day.'),
  zone: zone.optional().describe('Europe/Berlin; default: that of this machine.'),
  channels: z.array(z.string().min(1)).default([]).describe('Only these keep quiet. None: all.'),
  critical: z.enum(['held', 'told']).default('held').describe('told: what is critical is told all the same.'),
});

/** `watch.alerts` in the configuration. */
export const alertSettings = z
  .strictObject({
    enabled: onOff.default(true).describe('off: nobody is alerted.'),
    channels: z
      .record(z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'is no name: small letters, digits and -'), channel)
      .default({})
      .describe('By names of your own: {team: {type: slack, url: "${SLACK_URL}"}}. desktop and bell are there.'),
    rules: z
      .array(rule)
      .default([{ products: [], models: [], verdict: 'down', severity: 'never', maintenance: false, channels: ['desktop', 'bell'] }])
      .describe('What is told to whom; each that fits counts. Default: what is down goes to desktop and bell.'),
    quiet: quiet.optional().describe('Hours in which nobody is told. What was held is told after them.'),
    settle: duration
      .default(60_000)
      .describe('How long something has to last before anybody is told, and its end as well (up to again after an outage of hours).'),
    again: duration
      .default(30 * 60_000)
      .describe(
        'What comes back within this time is the same alert, brought up to date; people are told again if it is worse, or has stayed that long.',
      ),
  })
  .superRefine(({ channels, rules, quiet: hours }, context) => {
    const known = [...BUILT_IN, ...Object.keys(channels)];
    const check = (name: string, path: (string | number)[]): void => {
      if (!known.includes(name)) context.addIssue({ code: 'custom', path, message: `is no channel; there are: ${known.join(', ')}` });
    };
    for (const name of BUILT_IN) {
      if (Object.hasOwn(channels, name))
        context.addIssue({ code: 'custom', path: ['channels', name], message: 'is the name of a channel that is there already' });
    }
    rules.forEach((each, index) => each.channels.forEach((name, at) => check(name, ['rules', index, 'channels', at])));
    hours?.channels.forEach((name, at) => check(name, ['quiet', 'channels', at]));
    if (hours && hours.from === hours.to) context.addIssue({ code: 'custom', path: ['quiet', 'to'], message: 'is the same as from' });
  });

export type AlertSettings = z.output<typeof alertSettings>;
export type ChannelSettings = z.output<typeof channel>;
export type AlertRule = z.output<typeof rule>;
export type QuietHours = z.output<typeof quiet>;

/** Channels that need no configuration, and send nothing anywhere. */
export const BUILT_IN = ['desktop', 'bell'] as const;

/** All that lets others write in somebody's name. */
export function alertSecrets({ channels }: Pick<AlertSettings, 'channels'>): string[] {
  return Object.values(channels).flatMap((settings) => {
    switch (settings.type) {
      case 'webhook':
        return [settings.url, ...(settings.secret === undefined ? [] : [settings.secret])];
      case 'slack':
      case 'discord':
      case 'teams':
        return [settings.url];
      case 'slack-bot':
        return [settings.token];
      case 'ntfy':
        return [settings.topic, ...(settings.token === undefined ? [] : [settings.token])];
      case 'email':
        return settings.password === undefined ? [] : [settings.password];
      case 'command':
        return [];
    }
  });
}

function isSafe(text: string): boolean {
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
