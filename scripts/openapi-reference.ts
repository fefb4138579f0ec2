/** Prints docs/openapi/reference.md: `npm run build && node build/scripts/openapi-reference.js > docs/openapi/reference.md`. */
import { ACTIONS } from '../src/api/openapi/actions/index.js';
import { printReference } from '../src/api/openapi/reference.js';

process.stdout.write(printReference(ACTIONS));
