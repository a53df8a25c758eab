import { z } from 'zod';
import { duration } from '../journal/units.ts';

export const queueSettings = z.strictObject({
  deadline: duration
    .prefault('24h')
    .describe('How long a kept request waits for somebody to answer it, where it does not say so itself (x-understudy-deadline).'),
  concurrency: z
    .int()
    .min(1)
    .max(64)
    .default(4)
    .describe('Most kept requests of one route that are asked at once. After an outage it begins with one.'),
  most: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(10_000)
    .describe('Most requests that may wait; further ones are answered as if they could not be kept.'),
  notifyHosts: z
    .array(z.string().min(1))
    .default([])
    .describe('Hosts, besides this machine, whose URLs a request may name in x-understudy-notify, to be told of its end.'),
  notifySecret: z
    .string()
    .min(16, 'a secret needs at least 16 characters, for instance the output of: openssl rand -hex 24')
    .optional()
    .describe('Signs what x-understudy-notify is told: x-understudy-signature: sha256=HMAC of the body.'),
});

export type QueueSettings = z.output<typeof queueSettings>;
