/** Runs a local AWS on a folder in a separate process, and reports its startup time and memory. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { startLocalAws } from '@millrace/local-aws';
import type { Opened, Task } from '../store.ts';

const BUCKET = 'uploads';
const LANES = 32;
const [folder = ''] = process.argv.slice(2);
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const begun = performance.now();
const aws = await startLocalAws({ folder });
const seconds = (performance.now() - begun) / 1000;
process.on('message', (task: Task) => void perform(task));
process.send?.({ seconds, bytes: memory() } satisfies Opened);

async function perform(task: Task): Promise<void> {
  switch (task.kind) {
    case 'fill': {
      const s3 = new S3Client({ ...aws.clientConfig, forcePathStyle: true });
      await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
      s3.destroy();
      let stored = 0;
      const lane = async () => {
        while (stored < task.count) {
          stored += 1;
          await aws.objects.put(BUCKET, keyOf(stored), small());
        }
      };
      await Promise.all(Array.from({ length: LANES }, lane));
      process.send?.(memory());
      return;
    }
    case 'look': {
      const { body, version } = await aws.objects.get(BUCKET, keyOf(task.count));
      body.destroy();
      process.send?.(version.bytes);
      return;
    }
    case 'stop':
      await aws.stop();
      process.send?.('stopped');
  }
}

function keyOf(index: number): string {
  return `photos/${String(index).padStart(7, '0')}.jpg`;
}

async function* small(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('small');
}

function memory(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
