import { describe, expect, it } from 'vitest';
import { readSettings } from '../../cdk/settings.ts';

describe('settings of a deployment', () => {
  it('have defaults, closed ones where it matters', () => {
    expect(readSettings({})).toMatchObject({
      stackName: 'millrace',
      uploadBuckets: [{ create: 'millrace-uploads' }],
      authorization: { kind: 'iam' },
      openRoutes: [],
      browserOrigins: [],
    });
  });

  it('come from the command line as text, and from cdk.json as they are', () => {
    const settings = readSettings({
      'millrace:workerMemory': '3538',
      'millrace:uploadBuckets': '[{"adopt":"scans"}]',
      'millrace:alarmEmail': 'ops@photos.example',
      'millrace:browserOrigins': ['https://photos.example'],
      '@aws-cdk/core:validateAgainstDefaultRules': true,
    });
    expect(settings).toMatchObject({
      workerMemory: 3538,
      uploadBuckets: [{ adopt: 'scans' }],
      alarmEmail: 'ops@photos.example',
      browserOrigins: ['https://photos.example'],
    });
  });

  it('that are unknown or wrong are all named at once', () => {
    const wrong = {
      'millrace:workerMemroy': '3538',
      'millrace:concurrency': '1',
      'millrace:browserOrigins': '["https://*.example"]',
      'millrace:uploadBuckets': '[]',
      'millrace:logDays': '31',
    };
    expect(() => readSettings(wrong)).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(
          /uploadBuckets[^]*concurrency[^]*logDays[^]*browserOrigins\[0\][^]*workerMemroy/,
        ),
      }),
    );
  });
});
