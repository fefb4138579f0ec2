/** `npm run chaos`: breaks the server on purpose and says whether it kept its promises. */
import { chaos } from './command.js';

process.exitCode = await chaos(process.argv.slice(2));
