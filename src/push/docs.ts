import type { Store } from '../core/ports.js';

/** The part of the store that holds documents. */
export type DocStore = Pick<Store, 'doc' | 'docs' | 'saveDocs'>;
