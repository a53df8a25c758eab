import { claude } from './claude.ts';
import type { Client } from './client.ts';
import { codex } from './codex.ts';
import { copilot } from './copilot.ts';
import { gemini } from './gemini.ts';
import { opencode } from './opencode.ts';
import { pi } from './pi.ts';
import { qwen } from './qwen.ts';

/** Every CLI that `understudy run` starts. */
export const CLIENTS: readonly Client[] = [claude, codex, gemini, opencode, qwen, copilot, pi];
