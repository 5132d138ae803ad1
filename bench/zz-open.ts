import { startLocalAws } from '@millrace/local-aws';
const [folder = ''] = process.argv.slice(2);
const t = performance.now();
const aws = await startLocalAws({ folder });
console.log('open', ((performance.now() - t) / 1000).toFixed(2));
(globalThis as any).gc?.();
const m = process.memoryUsage();
console.log('mem', (m.heapUsed + m.external) / 1e6, 'rss', m.rss / 1e6);
await aws.stop();
