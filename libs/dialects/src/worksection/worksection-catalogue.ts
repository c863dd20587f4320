import type { CatalogueEntry, EventCatalogue } from '../catalogue.js';
import { nameOfCode, worksectionCodes } from './worksection-code.js';
import { sampleOf } from './worksection-samples.js';

const entries: readonly CatalogueEntry[] = worksectionCodes.map((code) => ({
  type: nameOfCode(code),
  aliases: [],
  title: code.title,
  group: code.type,
  sample: (context) => sampleOf(code, context),
}));

/** The product says which codes there are and refuses others. */
export const worksectionCatalogue: EventCatalogue = {
  entries,
  presets: {},
  unknownTypes: 'refuse',
  // The URL check sends the first event that the hook has (dialects design 6.3).
  testEntry: null,
  matched: (eventTypes) => eventTypes,
};
