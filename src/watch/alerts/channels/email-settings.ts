import { z } from 'zod';

/** One mailbox: `ops@example.org`. No line break can get into a header by it. */
const address = z.email();

export const emailSettings = z.strictObject({
  type: z.literal('email'),
  host: z.string().min(1).describe('Of the SMTP server that takes mail from you.'),
  port: z.int().min(1).max(65_535).default(587).describe('587 with STARTTLS, 465 with TLS.'),
  security: z
    .enum(['starttls', 'tls', 'none'])
    .default('starttls')
    .describe('starttls and tls insist on it. none: in the clear, and a password is then never sent.'),
  ca: z
    .string()
    .min(1)
    .optional()
    .describe('A PEM file with the authority that has signed its certificate, where the system does not know it.'),
  user: z.string().min(1).optional(),
  password: z.string().min(1).optional().describe('A secret.'),
  from: address,
  to: z.array(address).min(1),
});

export type EmailSettings = z.output<typeof emailSettings>;
