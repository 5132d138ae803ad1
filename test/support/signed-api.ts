import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { HttpRequest } from '@smithy/core/protocols';
import { Hash } from '@smithy/core/serde';
import { SignatureV4 } from '@smithy/signature-v4';
import { startTestServer } from './http-server.ts';

export const CREDENTIALS = { accessKeyId: 'AKIATEST', secretAccessKey: 'a secret' };

export interface Seen {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** An API that accepts only correctly signed requests, as API Gateway does with IAM authorization. */
export async function startSignedApi(answer: (seen: Seen) => Response) {
  const seen: Seen[] = [];
  const { url, stop } = await startTestServer((req, res) => {
    void (async () => {
      const body = await buffer(req);
      const request = {
        method: req.method ?? '',
        path: req.url ?? '',
        headers: req.headers,
        body: body.toString(),
      };
      const allowed = await isSigned(req, body);
      if (allowed) seen.push(request);
      const response = allowed ? answer(request) : Response.json({ message: 'Forbidden' }, { status: 403 });
      res.writeHead(response.status, Object.fromEntries(response.headers));
      res.end(Buffer.from(await response.arrayBuffer()));
    })();
  });
  return {
    url: new URL(url),
    seen,
    stop,
  };
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=AKIATEST\/\d{8}\/eu-west-1\/execute-api\/aws4_request, SignedHeaders=([\w;-]+), Signature=([0-9a-f]{64})$/;

/** Signs the received request again and compares the signatures. */
async function isSigned(req: IncomingMessage, body: Buffer): Promise<boolean> {
  const [, names = '', signature] = AUTHORIZATION.exec(req.headers.authorization ?? '') ?? [];
  const signed = names.split(';');
  if (signature === undefined || !signed.includes('host')) return false;
  const url = new URL(req.url ?? '', 'http://any');
  const [, y, mo, d, h, mi, s] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(req.headers['x-amz-date'])) ?? [];
  const request = new HttpRequest({
    method: req.method ?? '',
    path: url.pathname,
    query: queryOf(url),
    headers: Object.fromEntries(
      signed
        .filter((name) => name !== 'x-amz-date' && name !== 'x-amz-content-sha256')
        .map((name) => [name, String(req.headers[name])]),
    ),
    body,
  });
  const signer = new SignatureV4({
    service: 'execute-api',
    region: 'eu-west-1',
    credentials: CREDENTIALS,
    sha256: Hash.bind(null, 'sha256'),
  });
  const again = await signer.sign(request, {
    signingDate: new Date(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`),
    signableHeaders: new Set(signed),
  });
  return String(again.headers['authorization']).endsWith(signature);
}

/** Taken literally: `+` is not a space here. */
function queryOf({ search }: URL): Record<string, string[]> {
  const query: Record<string, string[]> = {};
  for (const pair of search.slice(1).split('&').filter(Boolean)) {
    const [name = '', value = ''] = pair.split('=').map(decodeURIComponent);
    (query[name] ??= []).push(value);
  }
  return query;
}
