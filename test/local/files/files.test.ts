import { describe, expect, it } from 'vitest';
import { filesEnvironment, filesIn } from '../../../src/local/files/files.ts';

describe('the files of a worker', () => {
  const environment = () => filesEnvironment({ from: '/photos', drafts: '/results/draft-' });

  it('are those in its environment', () => {
    expect(filesIn({ ...environment(), PATH: '/bin' })).toEqual({
      from: '/photos',
      drafts: '/results/draft-',
    });
  });

  it.each(['MILLRACE_FILES_FROM', 'MILLRACE_FILES_DRAFTS'])('are refused without %s', (name) => {
    expect(() => filesIn({ ...environment(), [name]: undefined })).toThrow(
      'MILLRACE_FILES_FROM and MILLRACE_FILES_DRAFTS must be set',
    );
  });
});
