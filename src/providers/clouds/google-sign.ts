import { err, ok } from '../../exchange/result.ts';
import type { Sign } from '../call.ts';
import { optionalModule } from './optional-module.ts';
import { signProblem } from './sign-problem.ts';

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const ADVICE = 'Run: gcloud auth application-default login, or set GOOGLE_APPLICATION_CREDENTIALS to a service account’s file';

/**
 * Shows an access token of Application Default Credentials (GOOGLE_APPLICATION_CREDENTIALS, gcloud's login, the machine's own account)
 * to `origin` and nowhere else. The library keeps it and gets a new one before it expires.
 */
export function googleSign(origin: string, project: string): Sign {
  let token: (() => Promise<string | null | undefined>) | undefined;
  return async (request) => {
    if (request.origin !== origin) return err({ type: 'auth', message: `Google credentials go to ${origin} only` });
    if (!token) {
      const library = await optionalModule('google-auth-library', () => import('google-auth-library'));
      if (!library.ok) return err({ type: 'auth', message: library.error });
      const auth = new library.value.GoogleAuth({ scopes: SCOPE, projectId: project });
      token = () => auth.getAccessToken();
    }
    try {
      const shown = await token();
      if (!shown) return err(signProblem('Vertex AI', 'the credentials give no access token', ADVICE));
      return ok([['authorization', `Bearer ${shown}`]]);
    } catch (cause) {
      return err(signProblem('Vertex AI', cause, ADVICE));
    }
  };
}
