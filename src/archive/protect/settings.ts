import { z } from 'zod';

export const protectSettings = z.strictObject({
  watch: z
    .enum(['auto', 'on', 'off'])
    .default('auto')
    .describe(
      "Whether a running server keeps copies of other tools' transcripts (Claude Code, Codex, Gemini CLI, opencode …) up to date. `auto`: once `understudy protect` was run.",
    ),
  sources: z
    .array(z.enum(['claude-code', 'codex', 'gemini-cli', 'opencode', 'qwen-code', 'copilot-cli', 'pi', 'cursor']))
    .min(1)
    .optional()
    .describe('Only these tools; by default all that are found.'),
});

export type ProtectSettings = z.output<typeof protectSettings>;
