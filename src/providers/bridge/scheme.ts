/** Origins of services that are reached through a package of the AI SDK: `ai-sdk://cohere`. */
export const BRIDGE_SCHEME = 'ai-sdk://';
