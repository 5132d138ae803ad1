import { DeleteObjectsCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestServer } from '../support/http-server.ts';
import { tinyPng } from '../support/images.ts';
import { needs } from '../support/needs.ts';
import { countMessages, listKeys, read, untilQuiet } from '../support/pipeline.ts';
import { usePage } from './use-page.ts';

/** What any page can know: a local pipeline's addresses and credentials are not secret. */
describe("another site's page in the same browser", needs('chromium'), () => {
  const bench = usePage();
  let stop: () => Promise<void>;
  beforeEach(async () => {
    const server = await startTestServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<!doctype html><title>evil</title><body></body>');
    });
    ({ stop } = server);
    await bench.page.goto(`http://evil.localhost:${new URL(server.url).port}/`);
  });
  afterEach(() => stop());

  it('cannot write, overwrite, delete, embed or send anything', async () => {
    const { pipeline, page } = bench;
    const { s3, awsUrl } = pipeline;
    const mine = await tinyPng();
    await s3.send(new PutObjectCommand({ Bucket: 'uploads', Key: 'mine.png', Body: mine }));
    await untilQuiet(pipeline);
    const post = await createPresignedPost(s3, {
      Bucket: 'uploads',
      Key: 'mine.png',
      Conditions: [['content-length-range', 0, 1000]],
    });
    const Delete = { Objects: [{ Key: 'mine.png' }] };
    const deletionUrl = await getSignedUrl(s3, new DeleteObjectsCommand({ Bucket: 'uploads', Delete }));
    const imageUrl = await getSignedUrl(s3, new GetObjectCommand({ Bucket: 'uploads', Key: 'mine.png' }));
    const statuses: [string, number][] = [];
    page.on('response', (answer) => {
      if (answer.url().startsWith(awsUrl)) statuses.push([answer.request().method(), answer.status()]);
    });

    const embedded = await page.evaluate(
      async ({ url, fields, deletion, image, queue }) => {
        const simple = (address: string, body: BodyInit) =>
          fetch(address, { method: 'POST', mode: 'no-cors', body }).catch(() => undefined);
        for (const name of ['mine.png', 'new.png']) {
          const form = new FormData();
          for (const [field, value] of Object.entries({ ...fields, key: name })) form.append(field, value);
          form.append('file', new Blob(['overwritten']));
          await simple(url, form);
        }
        await simple(deletion, '<Delete><Object><Key>mine.png</Key></Object></Delete>');
        await simple(queue, new URLSearchParams({ Action: 'SendMessage', MessageBody: 'evil' }));
        await simple(queue, new URLSearchParams({ Action: 'PurgeQueue' }));
        const picture = new Image();
        const loaded = new Promise((resolve) => {
          picture.addEventListener('load', () => resolve('loaded'));
          picture.addEventListener('error', () => resolve('refused'));
        });
        picture.src = image;
        return loaded;
      },
      { ...post, deletion: deletionUrl, image: imageUrl, queue: pipeline.queues.conversion },
    );
    // A form that navigates the whole window.
    const navigated = page.waitForResponse((answer) => answer.request().isNavigationRequest());
    await page.evaluate(({ url, fields }) => {
      const form = document.createElement('form');
      Object.assign(form, { action: url, method: 'post', enctype: 'multipart/form-data' });
      for (const [name, value] of Object.entries({ ...fields, file: 'overwritten' })) {
        const input = document.createElement('input');
        Object.assign(input, { name, value });
        form.append(input);
      }
      document.body.append(form);
      form.submit();
    }, post);
    expect((await navigated).status()).toBe(403);

    expect(embedded).toBe('refused');
    expect(statuses.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => ['POST', 403]));
    expect(await listKeys(s3, 'uploads')).toEqual(['mine.png']);
    expect((await read(s3, 'uploads', 'mine.png'))?.bytes.equals(mine)).toBe(true);
    expect(await countMessages(pipeline.sqs, pipeline.queues.conversion)).toBe(0);
  });
});
