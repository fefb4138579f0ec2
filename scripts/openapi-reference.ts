/** Prints docs/openapi/reference.md; `npm run openapi` writes it. */
import { ACTIONS } from '../src/api/openapi/actions/index.js';
import { printReference } from '../src/api/openapi/reference.js';

process.stdout.write(printReference(ACTIONS));
