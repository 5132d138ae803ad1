/** One test file, because loading the CDK takes seconds, and each file loads it again. */
import './deployment/other-apps.ts';
import './deployment/snapshot.ts';
import './deployment/template.ts';
import './deployment/properties.ts';
import './deployment/functions.ts';
import './deployment/completions.ts';
import './deployment/configuration.ts';
import './deployment/image.ts';
import './deployment/routes.ts';
import './deployment/alarms.ts';
import './deployment/queue-math.ts';
import './deployment/settings.ts';
import './deployment/same-as-local.ts';
