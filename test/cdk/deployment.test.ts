/** One file for vitest, because loading the CDK takes seconds, and each file loads it anew. */
import './other-apps.ts';
import './template.ts';
import './properties.ts';
import './routes.ts';
import './alarms.ts';
import './queue-math.ts';
import './settings.ts';
import './same-as-local.ts';
