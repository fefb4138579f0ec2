/** The section of the configuration for several nodes on one Redis. */
import Type from 'typebox';
import { section, text } from './config-fields.js';

/** How this node is called among the others. */
export const cluster = Type.Object(
  {
    node: text(
      '',
      'Name of this node, 1 to 60 of letters, digits, _ . -; no two nodes have the same. Empty: the host name and the number of the process.',
    ),
  },
  section,
);
