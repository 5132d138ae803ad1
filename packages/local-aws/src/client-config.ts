/** Returns the configuration for SDK clients of the local AWS. Any credentials work. */
export function localClientConfig(awsUrl: string) {
  return {
    endpoint: awsUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
}
