/** Where a recording and its official client, or its own end, do not agree: known, explained, and looked for at every run. */
export interface Known {
  /** Of the recording's file. */
  name: RegExp;
  problem: RegExp;
  why: string;
}

export const KNOWN: readonly Known[] = [
  {
    name: /^anthropic-fallback\.chunks/,
    problem: /model is "claude-opus-4-8", not "claude-fable-5"/,
    why: "Anthropic changed the model in mid-answer and Anthropic's client shows the second; `model` is that of the first delivering one",
  },
  {
    name: /^anthropic-programmatic-tool-calling\.1\.json/,
    problem: /lost in its own dialect: end told coarser/,
    why: 'two answers glued by hand: one that ends with a call and one that ends; an end after a call is written as `tool_use`',
  },
  {
    name: /^google-(vertex-)?stream-.*tool-call/,
    problem: /read by us and by the official client: calls/,
    why: "arguments in pieces (`partialArgs`): Google's client hands the pieces on, our decoder has put them together",
  },
  {
    name: /^mistral-(incremental-tool-call|tool-call|reasoning)|^anthropic-fallback-tool-call\.sse/,
    problem: /a frame is not clean|read by us and by the official client/,
    why: "OpenAI's client throws or prints [object Object] (no role, no index, lists as content, event names): written anew, it reads them",
  },
  {
    name: /^github-copilot-id-rotation/,
    problem: /a frame is not clean|read by us and by the official client/,
    why: 'Copilot gives an item another id in each event and OpenAI’s client throws: written anew, it reads them',
  },
  {
    name: /^openai-apply-patch-tool\.1\.chunks/,
    problem: /Unhandled response stream event|lost in its own dialect: progress/,
    why: "OpenAI's own client does not know `apply_patch_call_operation_diff` events yet; written anew, the whole patch is in the item",
  },
  {
    name: /^openai-phase\.1\.chunks/,
    problem: /a frame is not clean/,
    why: 'most deltas were cut out by hand: the text that the end repeats mends the holes',
  },
  {
    name: /^xai-x-search-tool\.chunks/,
    problem: /lost in its own dialect: progress/,
    why: "the pieces of the input of xAI's own calls are not written anew: the finished item has it",
  },
  {
    name: /^openai-custom-tool\.1/,
    problem: /-> openai-chat: what we wrote is not clean/,
    why: "a free-text call in chat's stream is told when it is whole, so its bytes never pass as they are, not even in their own dialect",
  },
];
