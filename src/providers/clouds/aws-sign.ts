import { err, ok } from '../../exchange/result.ts';
import type { Sign } from '../call.ts';
import { optionalModule } from './optional-module.ts';
import { signProblem } from './sign-problem.ts';

/** AWS keys, of a person, a role or a machine. */
export interface AwsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
}

export interface AwsSigning {
  /** `bedrock` for bedrock-runtime, `bedrock-mantle` for the other endpoint (openai-node's docs/bedrock.md). */
  service: 'bedrock' | 'bedrock-mantle';
  region: string;
  /** Where the signed requests go, and nowhere else. */
  origin: string;
  /** A profile of `~/.aws/config`; by default AWS_PROFILE or the default one. */
  profile?: string | undefined;
}

const ADVICE = 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile (aws configure, aws sso login), or a Bedrock key as apiKey';

/** Signs with Signature Version 4, by the credentials that AWS's usual chain finds: variables, profiles, SSO, roles of containers and machines. */
export function awsSign(signing: AwsSigning): Sign {
  const { service, region, origin, profile } = signing;
  const credentials = credentialChain(profile);
  return async (request) => {
    if (request.origin !== origin) return err({ type: 'auth', message: `AWS credentials go to ${origin} only` });
    const found = await credentials();
    if (!found.ok) return found;
    const signer = await optionalModule('aws4fetch', () => import('aws4fetch'));
    if (!signer.ok) return err({ type: 'auth', message: signer.error });
    const { accessKeyId, secretAccessKey, sessionToken } = found.value;
    const signed = await new signer.value.AwsV4Signer({
      method: request.method,
      url: request.origin + request.path,
      headers: Object.fromEntries(request.headers.filter(([name]) => SIGNED.has(name.toLowerCase()))),
      body: new Uint8Array(request.body),
      accessKeyId,
      secretAccessKey,
      ...(sessionToken === undefined ? {} : { sessionToken }),
      service,
      region,
    }).sign();
    return ok(ADDED.flatMap((name) => (signed.headers.get(name) === null ? [] : [[name, signed.headers.get(name)!] as [string, string]])));
  };
}

/** Proxies in between may touch the others. */
const SIGNED: ReadonlySet<string> = new Set(['content-type', 'x-amz-content-sha256']);
const ADDED = ['x-amz-date', 'x-amz-security-token', 'authorization'];

/** The library keeps what it has found, and finds it anew before it expires. */
function credentialChain(
  profile: string | undefined,
): () => Promise<ReturnType<typeof ok<AwsCredentials>> | (Awaited<ReturnType<Sign>> & { ok: false })> {
  let chain: (() => Promise<AwsCredentials>) | undefined;
  return async () => {
    if (!chain) {
      const library = await optionalModule('@aws-sdk/credential-providers', () => import('@aws-sdk/credential-providers'));
      if (!library.ok) return err({ type: 'auth', message: library.error });
      chain = library.value.fromNodeProviderChain(profile === undefined ? {} : { profile });
    }
    try {
      return ok(await chain());
    } catch (cause) {
      return err(signProblem('Amazon Bedrock', cause, ADVICE));
    }
  };
}
