import { config } from './libs/tooling/eslint/eslint.config.js';

export default config;
