import type { Product } from '../product.ts';

/** What is known to be able to fail by itself, a provider's most asked for product first. */
export const PRODUCTS: readonly Product[] = [
  of('anthropic', 'api', 'Claude API', ['claude api', 'anthropic', 'anthropic api', 'api.anthropic.com'], ['anthropic']),
  of('anthropic', 'chat', 'Claude (claude.ai)', ['claude.ai', 'claude', 'claude chat', 'claude app', 'claude desktop']),
  of('anthropic', 'code', 'Claude Code', ['claude code', 'claude-code']),
  of('anthropic', 'console', 'Claude Console', ['claude console', 'anthropic console', 'platform.claude.com', 'console.anthropic.com']),
  of('anthropic', 'cowork', 'Claude Cowork', ['claude cowork', 'cowork']),
  of('anthropic', 'government', 'Claude for Government', ['claude for government', 'claude government', 'claude gov']),

  of('openai', 'api', 'OpenAI API', ['openai', 'openai api', 'api.openai.com', 'gpt'], ['openai']),
  of('openai', 'chat', 'ChatGPT', ['chatgpt', 'chatgpt.com', 'chat gpt', 'chat.openai.com']),
  // The backend of a signed-in ChatGPT account is Codex's.
  of('openai', 'codex', 'Codex', ['codex', 'openai codex', 'codex cli'], ['chatgpt']),
  of('openai', 'sora', 'Sora', ['sora', 'sora.com', 'openai sora']),

  of(
    'google',
    'api',
    'Gemini API',
    ['gemini api', 'ai studio', 'aistudio', 'aistudio.google.com', 'google', 'google api', 'generativelanguage.googleapis.com'],
    ['google'],
  ),
  of('google', 'app', 'Gemini app', ['gemini', 'gemini app', 'gemini.google.com', 'gemini chat']),
  of('google', 'vertex', 'Gemini on Google Cloud', ['vertex', 'vertex ai', 'vertexai', 'google vertex'], ['vertex', 'vertex-anthropic']),
  of('google', 'code-assist', 'Gemini Code Assist', ['gemini code assist', 'code assist', 'gemini-code-assist']),

  of('mistral', 'api', 'Mistral API', ['mistral', 'mistral api', 'api.mistral.ai', 'la plateforme'], ['mistral']),
  of('mistral', 'chat', 'Le Chat', ['le chat', 'lechat', 'chat.mistral.ai', 'mistral chat']),

  of('xai', 'api', 'xAI API', ['xai', 'x.ai', 'xai api', 'grok api', 'api.x.ai'], ['xai']),
  of('xai', 'chat', 'Grok', ['grok', 'grok.com', 'grok app']),

  of('deepseek', 'api', 'DeepSeek API', ['deepseek api', 'api.deepseek.com'], ['deepseek']),
  of('deepseek', 'chat', 'DeepSeek', ['deepseek', 'chat.deepseek.com', 'deepseek chat', 'deepseek app']),

  of('moonshot', 'api', 'Kimi API', ['moonshot', 'moonshot ai', 'kimi', 'kimi api', 'api.moonshot.ai'], ['moonshot']),
  of('zai', 'api', 'Z.ai API', ['z.ai', 'zai', 'glm', 'zhipu'], ['zai']),

  of('groq', 'api', 'Groq API', ['groq', 'groqcloud', 'groq api', 'api.groq.com'], ['groq']),
  of('cerebras', 'api', 'Cerebras API', ['cerebras', 'cerebras api', 'api.cerebras.ai'], ['cerebras']),
  of('openrouter', 'api', 'OpenRouter', ['openrouter', 'openrouter.ai', 'open router'], ['openrouter']),
  of('together', 'api', 'Together AI', ['together', 'together ai', 'together.ai', 'api.together.xyz'], ['together']),
  of('cohere', 'api', 'Cohere API', ['cohere', 'cohere api', 'api.cohere.com', 'command a']),
  of('fireworks', 'api', 'Fireworks AI', ['fireworks', 'fireworks ai', 'fireworks.ai', 'api.fireworks.ai']),
  of('huggingface', 'api', 'Hugging Face', ['hugging face', 'huggingface', 'huggingface.co', 'hf']),
  of('modal', 'api', 'Modal', ['modal', 'modal.com']),

  of('perplexity', 'chat', 'Perplexity', ['perplexity', 'perplexity.ai']),
  of('perplexity', 'api', 'Perplexity API', ['perplexity api', 'sonar', 'api.perplexity.ai']),

  of('github', 'copilot', 'GitHub Copilot', ['copilot', 'github copilot', 'github', 'gh copilot']),
  of('cursor', 'app', 'Cursor', ['cursor', 'cursor.com', 'cursor app']),
  of('windsurf', 'app', 'Windsurf', ['windsurf', 'windsurf.com', 'codeium']),

  of(
    'aws',
    'bedrock',
    'Amazon Bedrock',
    ['bedrock', 'amazon bedrock', 'aws', 'aws bedrock'],
    ['bedrock', 'bedrock-messages', 'bedrock-openai', 'bedrock-mantle', 'bedrock-mantle-openai'],
  ),
  of('azure', 'openai', 'Azure OpenAI', ['azure', 'azure openai', 'azure foundry', 'azure ai foundry'], ['azure', 'azure-anthropic']),
];

function of(provider: string, product: string, title: string, aliases: readonly string[], presets: readonly string[] = []): Product {
  return { provider, product, title, aliases, presets };
}
