/** How one vendor's models are written in prose and in its API. */
interface Naming {
  pattern: RegExp;
  /** The models of a match; groups that did not take part are `undefined`. */
  names(match: readonly (string | undefined)[]): string[];
}

/** Titles are sentences; what is longer is something else. */
const LONGEST = 500;
/** Not one model but many: whoever is affected cannot be told from the rest of the title. */
const MANY = /\b(?:multiple|many|several|various|all|other|our|most|across)\s+(?:\w+\s+)?models\b/i;
/** `4.6, 4.7 and 4.8`, after the first: versions only, nothing that begins another name. */
const MORE = String.raw`((?:(?:\s*,\s*and\s+|\s*,\s*|\s+and\s+|\s*&\s*|\s*\/\s*)\d+\.\d+(?![\d%.]*\d)(?!\s*%)(?!\s*-?(?:opus|sonnet|haiku)))*)`;

const ANTHROPIC: readonly Naming[] = [
  {
    // Claude 3.5 Sonnet 20240620, 3-Opus, claude-3-5-sonnet, Claude 3.0 Opus.
    pattern: /\b(\d(?:[.-]\d)?)[\s-]+(opus|sonnet|haiku)\b(?:[\s-]+(20\d{6})\b)?/gi,
    names: ([, version, family, date]) => [claude(family!, version!, date)],
  },
  {
    // Opus 4.6, Claude Opus 4.6 and 4.7, claude-opus-4-6, Sonnet 3.5 v2.
    pattern: new RegExp(
      String.raw`\b(opus|sonnet|haiku|fable|mythos)[\s-]+v?(\d(?:[.-]\d{1,2}(?!\d))?)${MORE}(?:[\s-]+(20\d{6})\b)?`,
      'gi',
    ),
    names: ([, family, version, more, date]) => [claude(family!, version!, date), ...versions(more).map((each) => claude(family!, each))],
  },
  { pattern: /\b(opus|sonnet|haiku|fable|mythos)\b/gi, names: ([, family]) => [`claude-${family!.toLowerCase()}`] },
  {
    // Claude 2.1; Claude 1.0, 1.1, and 1.2. Their API names keep the dot.
    pattern: new RegExp(String.raw`\bclaude[\s-]+(?:instant[\s-]+)?(\d\.\d)${MORE}`, 'gi'),
    names: ([, version, more]) => [`claude-${version}`, ...versions(more).map((each) => `claude-${each}`)],
  },
];

const OPENAI_SUFFIX = String.raw`((?:[\s-](?:turbo|mini|nano|pro|codex|spark|sol|luna|terra|astra|cyber|instruct|preview|latest|audio|max|\d{4}(?:-\d\d-\d\d)?|\d\dk)\b)*)`;
const OPENAI: readonly Naming[] = [
  {
    // GPT-5.6 Sol, gpt-4o-mini-2024-07-18, gpt-3-5-turbo, GPT4, ChatGPT 5.5 Thinking, GPT-5.4 and 5.5.
    pattern: new RegExp(String.raw`\b(?:chat)?gpt[\s-]?(\d(?:[.-]\d(?!\d))?[ov]?)(?![\d.]*\d)${OPENAI_SUFFIX}${MORE}`, 'gi'),
    names: ([, version, suffix, more]) => [
      joined('gpt', version!.replace('-', '.'), suffix),
      ...versions(more).map((each) => joined('gpt', each)),
    ],
  },
  { pattern: /\bgpt-(?:image|realtime|audio|oss|daybreak)(?:-[\w.]*\w)*/gi, names: ([whole]) => [whole!.toLowerCase()] },
  {
    pattern: /(?<![\w.-])(o[134])((?:[\s-](?:mini|pro|preview)\b)*)(?![\w.])/gi,
    names: ([, version, suffix]) => [joined(version!, suffix)],
  },
  {
    pattern: /\b(?:text-(?:davinci|embedding)-[\w-]*\w|(?:davinci|babbage)-\d{3}|codex-mini(?:-latest)?|sora-\d(?:-pro)?)\b/gi,
    names: ([whole]) => [whole!.toLowerCase()],
  },
];

const GOOGLE: readonly Naming[] = [
  {
    pattern: new RegExp(
      String.raw`\bgemini[\s-]?(\d(?:\.\d)?)(?![\d.]*\d)((?:[\s-](?:pro|flash|lite|ultra|nano|argon|preview|image|live|tts)\b)*)${MORE}`,
      'gi',
    ),
    names: ([, version, suffix, more]) => [
      joined('gemini', version!, suffix),
      ...versions(more).map((each) => joined('gemini', each, suffix)),
    ],
  },
];

const MISTRAL: readonly Naming[] = [
  {
    pattern: /\b(?:open-)?(?:mistral|ministral|mixtral|codestral|devstral|magistral|pixtral|voxtral)-[\w.]+(?:-[\w.]*\w)*/gi,
    names: ([whole]) => [whole!.toLowerCase()],
  },
  {
    pattern: /\b(mistral|ministral|devstral|magistral|voxtral)\s+(large|medium|small|nemo|\d{1,2}b)(?:\s+(\d(?:\.\d)?)\b)?/gi,
    names: ([, family, size, version]) => [joined(family!, size, version)],
  },
  { pattern: /\b(?:codestral|devstral|magistral|pixtral|voxtral)\b/gi, names: ([whole]) => [whole!.toLowerCase()] },
];

const XAI: readonly Naming[] = [
  {
    pattern: new RegExp(
      String.raw`\bgrok[\s-]?(\d(?:\.\d\d?)?)(?![\d.]*\d)((?:[\s-](?:fast|mini|heavy|reasoning|beta|vision|image)\b)*)${MORE}`,
      'gi',
    ),
    names: ([, version, suffix, more]) => [joined('grok', version!, suffix), ...versions(more).map((each) => joined('grok', each, suffix))],
  },
  { pattern: /\bgrok-(?:imagine|code)(?:-[\w.]*\w)*/gi, names: ([whole]) => [whole!.toLowerCase()] },
];

const DEEPSEEK: readonly Naming[] = [
  {
    pattern: /\bdeepseek[\s-]?(v\d(?:\.\d)?|r\d)((?:[\s-](?:pro|flash|lite|exp|terminus|\d{4})\b)*)/gi,
    names: ([, version, suffix]) => [joined('deepseek', version!, suffix)],
  },
  { pattern: /\bdeepseek-(?:chat|reasoner|flash)\b/gi, names: ([whole]) => [whole!.toLowerCase()] },
];

const OPEN_WEIGHTS: readonly Naming[] = [
  { pattern: /\b(?:llama|qwen|kimi|glm|command|gemma)-?[\w.]*\d[\w.]*(?:-[\w.]*\w)*/gi, names: ([whole]) => [whole!.toLowerCase()] },
  { pattern: /\b(kimi|glm|llama|qwen)\s+(k?\d(?:\.\d)?)\b/gi, names: ([, family, version]) => [joined(family!, version)] },
];

const OWN: Readonly<Record<string, readonly Naming[]>> = {
  anthropic: ANTHROPIC,
  openai: OPENAI,
  google: GOOGLE,
  mistral: MISTRAL,
  xai: XAI,
  deepseek: DEEPSEEK,
};
const ALL = [...ANTHROPIC, ...OPENAI, ...GOOGLE, ...MISTRAL, ...XAI, ...DEEPSEEK, ...OPEN_WEIGHTS];

/**
 * Which models an entry's title names, as their vendor's API writes them, in the title's order: `Elevated errors on Opus 4.6` is about `claude-opus-4-6`.
 * A family without a version stays one: `claude-haiku`. None: no model is named, or `multiple models` are. A provider that has models of its own speaks
 * of those; anybody else's may be anybody's.
 */
export function modelsInTitle(title: string, provider: string): string[] {
  let left = title.slice(0, LONGEST);
  if (MANY.test(left)) return [];
  const found: { at: number; names: string[] }[] = [];
  for (const { pattern, names } of Object.hasOwn(OWN, provider) ? OWN[provider]! : ALL) {
    for (const match of left.matchAll(pattern)) found.push({ at: match.index, names: names(match) });
    // What one naming has read is not read again by the next.
    left = left.replaceAll(pattern, (whole) => ' '.repeat(whole.length - 1).concat('.'));
  }
  return [...new Set(found.toSorted((one, other) => one.at - other.at).flatMap(({ names }) => names))];
}

/** Before Claude 4 the version stood before the family. */
function claude(family: string, version: string, date?: string): string {
  const number = version.replace('.', '-').replace(/-0$/, '');
  const name = Number(number[0]) < 4 ? `claude-${number}-${family}` : `claude-${family}-${number}`;
  return joined(name, date);
}

function versions(more: string | undefined): string[] {
  return more?.match(/\d+\.\d+/g) ?? [];
}

function joined(...parts: readonly (string | undefined)[]): string {
  const words = parts.flatMap((part) =>
    (part ?? '')
      .trim()
      .toLowerCase()
      .split(/[\s-]+/),
  );
  return words.filter((word) => word !== '').join('-');
}
