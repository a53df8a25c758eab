import { chatgpt } from './chatgpt/reader.ts';
import { claudeAi } from './claude-ai/reader.ts';
import { geminiTakeout } from './gemini-takeout/reader.ts';
import type { Reader } from './reader.ts';
import { understudyExport } from './understudy/reader.ts';

/** Readers of official exports, in the order in which they are asked. */
export const exportReaders: readonly Reader[] = [understudyExport, claudeAi, chatgpt, geminiTakeout];
