/** The one table of actions. A test holds it equal to the files of this directory. */
import type { Action } from '../action.js';
import { createOpenGlobalData } from './create-open-global-data.js';
import { createOpenSingleData } from './create-open-single-data.js';

export const ACTIONS: readonly Action[] = [createOpenSingleData, createOpenGlobalData];
