/** What stands where a secret was: says which kind, so that the reader knows what to set anew. */
const placeholder = (kind: string): string => `[${kind} removed]`;

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

/** A text without the credentials that can be told by their form, and without `known` ones. `removed`: how many of each kind. */
export function withoutSecrets(text: string, known: readonly string[] = []): { text: string; removed: Map<string, number> } {
  const removed = new Map<string, number>();
  const note = (kind: string): string => {
    removed.set(kind, (removed.get(kind) ?? 0) + 1);
    return placeholder(kind);
  };
  let clean = text;
  for (const secret of known) if (secret.length >= 8) clean = clean.replaceAll(secret, () => note('key'));
  for (const { kind, form } of PATTERNS) {
    clean = clean.replace(form, (...match: unknown[]) => {
      const groups = match.at(-1);
      const keep = typeof groups === 'object' && groups !== null && 'keep' in groups && typeof groups.keep === 'string' ? groups.keep : '';
      return keep + note(kind);
    });
  }
  return { text: clean, removed };
}
