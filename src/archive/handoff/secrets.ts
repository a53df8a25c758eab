/** What stands where a secret was: says which kind, so that the reader knows what to set anew. */
export const secretPlaceholder = (kind: string): string => `[${kind} removed]`;

interface Pattern {
  kind: string;
  /** Global. A group named `keep` stays before the placeholder. */
  form: RegExp;
}

/**
 * Forms that issuers document for their credentials, as secret scanners know them (GitHub's list of supported patterns, gitleaks'
 * rules). Most specific first.
 */
const PATTERNS: readonly Pattern[] = [
  { kind: 'private key', form: /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g },
  { kind: 'Anthropic key', form: /\bsk-ant-[\w-]{16,}/g },
  { kind: 'OpenRouter key', form: /\bsk-or-[\w-]{16,}/g },
  { kind: 'OpenAI key', form: /\bsk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20,}/g },
  { kind: 'Google key', form: /\bAIza[\w-]{35}/g },
  { kind: 'Google token', form: /\bya29\.[\w-]{20,}/g },
  { kind: 'AWS key id', form: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g },
  { kind: 'GitHub token', form: /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{22,})/g },
  { kind: 'GitLab token', form: /\bglpat-[\w-]{20,}/g },
  { kind: 'Slack token', form: /\bxox[abeoprs]-[\w-]{10,}/g },
  { kind: 'Stripe key', form: /\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}/g },
  { kind: 'npm token', form: /\bnpm_[A-Za-z0-9]{36}\b/g },
  { kind: 'Hugging Face token', form: /\bhf_[A-Za-z0-9]{30,}/g },
  { kind: 'xAI key', form: /\bxai-[A-Za-z0-9]{20,}/g },
  { kind: 'Groq key', form: /\bgsk_[A-Za-z0-9]{20,}/g },
  { kind: 'web token', form: /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/g },
  { kind: 'password', form: /(?<keep>\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@'"]{0,64}:)[^\s@/'"]{3,}(?=@)/gi },
  { kind: 'bearer token', form: /(?<keep>\bbearer\s+)[\w.~+/=-]{16,}/gi },
  {
    kind: 'secret',
    // A name that says secret, and a value that no prose has: PASSWORD=…, "api_key": "…".
    form: /(?<keep>\b[\w.-]{0,40}(?:password|passwd|secret|api[_-]?key|access[_-]?token|auth[_-]?token|private[_-]?key)["']?\s*[:=]\s*["']?)(?!\[|\$\{|\$\(|process\.|os\.|env\b|<|\*|null\b|true\b|false\b|undefined\b|string\b)[^\s"',;)}\]]{8,}/gi,
  },
];

/** A credential in a text. */
export interface FoundSecret {
  start: number;
  end: number;
  kind: string;
}

/** Where credentials are that can be told by their form, and `known` ones; in order. */
export function secretsIn(text: string, known: readonly string[] = []): FoundSecret[] {
  const found: FoundSecret[] = [];
  let rest = text;
  // What has been found is none of the next ones: white space after a bracket fits no form.
  const take = (start: number, end: number, kind: string): void => {
    found.push({ start, end, kind });
    rest = `${rest.slice(0, start)}[${' '.repeat(end - start - 1)}${rest.slice(end)}`;
  };
  for (const secret of known) {
    if (secret.length < 8) continue;
    for (let start = rest.indexOf(secret); start >= 0; start = rest.indexOf(secret, start + secret.length))
      take(start, start + secret.length, 'key');
  }
  for (const { kind, form } of PATTERNS) {
    for (const { index, 0: match, groups } of rest.matchAll(form))
      take(index + (groups?.['keep']?.length ?? 0), index + match.length, kind);
  }
  return found.toSorted((one, other) => one.start - other.start);
}

/** A text without its credentials. `removed`: how many of each kind. */
export function withoutSecrets(text: string, known: readonly string[] = []): { text: string; removed: Map<string, number> } {
  const removed = new Map<string, number>();
  let clean = '';
  let from = 0;
  for (const { start, end, kind } of secretsIn(text, known)) {
    removed.set(kind, (removed.get(kind) ?? 0) + 1);
    clean += text.slice(from, start) + secretPlaceholder(kind);
    from = end;
  }
  return { text: clean + text.slice(from), removed };
}
