import { Hash } from '@smithy/core/serde';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import { defined } from '../../core/defined.ts';
import { CommandError, EXIT } from '../exit-codes.ts';

/** A request to the API. Header names are in lower case. */
export interface ApiRequest {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body?: Uint8Array;
}

/** Headers that authorize a request. */
export type Authorize = (request: ApiRequest) => Promise<Record<string, string>>;

/**
 * Returns how to authorize requests to an API: with `MILLRACE_TOKEN` if it is set, otherwise with a signature by the
 * AWS credentials. A local pipeline needs neither.
 * @param of `deployed`: the API is a stack's, whatever its address
 * @throws CommandError if the region to sign for is unknown
 */
export function authorizationFor(apiUrl: URL, of: 'deployed' | 'any' = 'any'): Authorize {
  const { MILLRACE_TOKEN: token } = process.env;
  if (token !== undefined && token !== '') return () => Promise.resolve({ authorization: `Bearer ${token}` });
  if (of === 'any' && ['127.0.0.1', 'localhost', '[::1]'].includes(apiUrl.hostname))
    return () => Promise.resolve({});
  return signer(regionOf(apiUrl));
}

/** Signs with Signature Version 4, as API Gateway requires. */
export function signer(region: string): Authorize {
  let signing: Promise<SignatureV4> | undefined;
  return async ({ method, url, headers, body }) => {
    const request = new HttpRequest({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: queryOf(url),
      headers: { ...headers, host: url.host },
      ...defined({ body }),
    });
    const { host: _host, ...signed } = (await (await (signing ??= createSigner(region))).sign(request))
      .headers;
    return signed;
  };
}

async function createSigner(region: string): Promise<SignatureV4> {
  // Imported on demand, because it loads every credential provider.
  const { defaultProvider } = await import('@aws-sdk/credential-provider-node');
  return new SignatureV4({
    service: 'execute-api',
    region,
    credentials: defaultProvider(),
    sha256: Hash.bind(null, 'sha256'),
  });
}

function queryOf({ searchParams }: URL): Record<string, string[]> {
  return Object.fromEntries([...searchParams.keys()].map((name) => [name, searchParams.getAll(name)]));
}

/** An API Gateway address contains its region; a custom domain does not. */
function regionOf({ hostname }: URL): string {
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  const region = /\.execute-api\.([\w-]+)\./.exec(hostname)?.[1] ?? AWS_REGION ?? AWS_DEFAULT_REGION;
  if (region === undefined)
    throw new CommandError(EXIT.wrongUsage, `set AWS_REGION to the region of ${hostname}`);
  return region;
}
