export type { MasterKey } from './master-key.js';
export { masterKeyFrom } from './master-key.js';
export { SecretBox } from './secret-box.js';
