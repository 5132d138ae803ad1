import { describe, expect, it } from 'vitest';
import type { PageAssets } from '../../src/core/pages-file.ts';
import { apiInProcess, DEPLOYMENT } from './in-process.ts';

const PAGE = '<p>{{accepted}} {{maxUploadBytes}} {{ignore}} {{accepted}}</p>';
const ASSETS: PageAssets = {
  'upload/page.html': { contentType: 'text/html; charset=utf-8', body: PAGE },
  'upload/main.js': { contentType: 'text/javascript', body: 'main();' },
};
const pages = () => Promise.resolve(ASSETS);

describe('a page', () => {
  it('says what the pipeline takes', async () => {
    const deployment = { ...DEPLOYMENT, ignore: ['"&<$&'] };
    const { request } = apiInProcess({ pages, deployment });
    const answer = await request('/');
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-cache');
    expect(await answer.text()).toMatch(
      /^<p>(JPEG, .* and PDF) 200000000 \[&quot;\\&quot;&amp;<\$&amp;&quot;\] \1<\/p>$/,
    );
  });

  it('does not name formats if other conversions take files', async () => {
    const deployment = { ...DEPLOYMENT, rules: [{ keys: ['*.csv'], renditions: ['table'] }] };
    const { request } = apiInProcess({ pages, deployment });
    expect(await (await request('/')).text()).toBe('<p>Files 200000000 [] Files</p>');
  });

  it('runs only its own files, and talks only to the API and the buckets', async () => {
    const { request } = apiInProcess({ pages });
    const { headers } = await request('/');
    const origin = (bucket: string) => `https://${bucket}.s3.us-east-1.amazonaws.com`;
    expect(headers.get('content-security-policy')?.split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      `img-src 'self' ${origin('results')} ${origin('uploads')} ${origin('scans')}`,
      `connect-src 'self' ${origin('uploads')}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]);
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.has('strict-transport-security')).toBe(false);
  });

  it('that is not in the file of pages is a problem', async () => {
    const { request } = apiInProcess({ pages });
    for (const path of [
      '/operations',
      '/runbook',
      '/assets/none.js',
      '/assets/__proto__',
      '/assets/constructor',
    ]) {
      const answer = await request(path);
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
        404,
        'route.unknown',
      ]);
    }
  });

  it('has files with their types', async () => {
    const { request } = apiInProcess({ pages });
    const answer = await request('/assets/upload/main.js');
    expect([answer.headers.get('content-type'), await answer.text()]).toEqual(['text/javascript', 'main();']);
  });

  it('is loaded once, and again if that failed', async () => {
    let loads = 0;
    const { request } = apiInProcess({
      pages: async () => {
        loads += 1;
        if (loads === 1) throw new Error('no such file');
        return ASSETS;
      },
    });
    expect((await request('/')).status).toBe(500);
    for (const path of ['/', '/assets/upload/main.js']) expect((await request(path)).status).toBe(200);
    expect(loads).toBe(2);
  });
});
