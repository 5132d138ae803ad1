/** Where the SDK's clients find the local AWS. Any credentials do. */
export function localClientConfig(awsUrl: string) {
  return {
    endpoint: awsUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
}
