/**
 * Blocks that clients put into a user's message by themselves, and change, move or leave out again in later requests: Claude Code's and Qwen
 * Code's reminders, Codex' context and instructions, Gemini CLI's session context, Copilot CLI's date.
 */
const INJECTED =
  /<(system-reminder|session_context|environment_context|current_datetime|permissions instructions|[a-z]+_instructions|collaboration_mode)\b[^>]*>[\s\S]*?<\/\1>/g;

/** What a person, or the program that asks, has said itself. */
export function withoutInjected(text: string): string {
  return text.includes('<') ? text.replace(INJECTED, '').trim() : text.trim();
}
