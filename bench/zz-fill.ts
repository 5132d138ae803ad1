import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { startLocalAws } from '@millrace/local-aws';
const [folder = '', n = '200000'] = process.argv.slice(2);
const aws = await startLocalAws({ folder });
const s3 = new S3Client({ ...aws.clientConfig, forcePathStyle: true });
await s3.send(new CreateBucketCommand({ Bucket: 'uploads' }));
s3.destroy();
let stored = 0;
async function* small() {
  yield Buffer.from('small');
}
const t = performance.now();
await Promise.all(
  Array.from({ length: 32 }, async () => {
    while (stored < +n) {
      stored++;
      await aws.objects.put('uploads', `photos/${String(stored).padStart(7, '0')}.jpg`, small());
    }
  }),
);
console.log('fill', ((performance.now() - t) / 1000).toFixed(1));
await aws.stop();
