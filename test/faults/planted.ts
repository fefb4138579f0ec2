/**
 * Plants one bug in the server, named by FAULTS_PLANTED, so that a fault test can show that it would
 * see it. Preloaded with `--import`; rewrites a line of a module as it is loaded and refuses to start
 * when that line is not there any more. The server itself has no switch for any of this.
 */
import { register } from 'node:module';

const name = process.env.FAULTS_PLANTED;
if (name !== undefined && name !== '') register('./planter.js', import.meta.url, { data: name });
