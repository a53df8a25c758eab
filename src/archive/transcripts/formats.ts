import type { LineFormat } from './line-reader.ts';
import { claudeCode } from './claude-code/claude-code.ts';
import { codex } from './codex/codex.ts';
import { copilotCli } from './copilot-cli/copilot-cli.ts';
import { cursor } from './cursor/cursor.ts';
import { geminiCli } from './gemini-cli/gemini-cli.ts';
import { pi } from './pi/pi.ts';
import { qwenCode } from './qwen-code/qwen-code.ts';

/** Transcripts that come line by line. The strict ones first: Claude Code's lines have the least that is their own. */
export const LINE_FORMATS: readonly LineFormat[] = [codex, geminiCli, copilotCli, pi, qwenCode, claudeCode, cursor];
