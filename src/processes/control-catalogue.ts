/** The catalogue in force: read from the store, used here, and sent to every worker when it changes. */
import { loadCatalogue, readVersion } from '../admin/service/catalogue.js';
import { type CatalogueView, updateCatalogue } from '../core/catalogue.js';
import type { Catalogue, Store } from '../core/ports.js';

export interface CatalogueKeeper {
  current(): Catalogue;
  /** Reads it again, and publishes it. Calls may overlap: an older reading never replaces a newer. */
  reload(): Promise<void>;
}

/** @param publish is called with every newer catalogue but the first. */
export async function openCatalogue(
  store: Store,
  view: CatalogueView,
  publish: (catalogue: Catalogue) => void,
): Promise<CatalogueKeeper> {
  let current = await loadCatalogue(store);
  updateCatalogue(view, current);
  return {
    current: () => current,
    async reload() {
      // Looked at often on many nodes: the rest is read only when there is something new.
      if ((await readVersion(store)) <= current.version) return;
      const next = await loadCatalogue(store);
      if (next.version <= current.version) return;
      current = next;
      updateCatalogue(view, next);
      publish(next);
    },
  };
}
