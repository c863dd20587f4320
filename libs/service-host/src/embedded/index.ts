export type { EmbeddedConfig } from './embedded.config.js';
export { embeddedConfig } from './embedded.config.js';
export { embeddedBindings } from './embedded-bindings.js';
export { removeEmbeddedData } from './remove-data.js';
