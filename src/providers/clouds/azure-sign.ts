import { err, ok } from '../../exchange/result.ts';
import type { Sign } from '../call.ts';
import { optionalModule } from './optional-module.ts';
import { signProblem } from './sign-problem.ts';

/** Takes tokens for Azure OpenAI and for Foundry's Anthropic endpoint alike (learn.microsoft.com, Microsoft Entra ID authentication). */
const SCOPE = 'https://cognitiveservices.azure.com/.default';
const ADVICE = 'Run: az login, set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or give the resource’s key as apiKey';

/** Shows a Microsoft Entra token of the usual chain: variables, workload and managed identity, az login. Goes to `origin` and nowhere else. */
export function azureSign(origin: string): Sign {
  let token: (() => Promise<string>) | undefined;
  return async (request) => {
    if (request.origin !== origin) return err({ type: 'auth', message: `Azure credentials go to ${origin} only` });
    if (!token) {
      const library = await optionalModule('@azure/identity', () => import('@azure/identity'));
      if (!library.ok) return err({ type: 'auth', message: library.error });
      const { DefaultAzureCredential, getBearerTokenProvider } = library.value;
      token = getBearerTokenProvider(new DefaultAzureCredential(), SCOPE);
    }
    try {
      return ok([['authorization', `Bearer ${await token()}`]]);
    } catch (cause) {
      return err(signProblem('Azure', cause, ADVICE));
    }
  };
}
