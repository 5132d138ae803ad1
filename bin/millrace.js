#!/usr/bin/env node
// The sources are TypeScript; tsx lets Node run them as they are.
import { register } from 'tsx/esm/api';

// Which Node the SDK will support next year is for whoever updates it to know, not for every run to tell.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

register();
const { main } = await import('../src/cli/main.ts');
await main(process.argv);
