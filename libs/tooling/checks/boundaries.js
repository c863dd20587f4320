import { runNode } from '../driver/run.js';

/** dependency-cruiser with the rules of `boundaries/rules.cjs`. */
export function boundaries() {
  return runNode('dependency-cruiser/bin/dependency-cruise.mjs', ['--config', 'libs/tooling/boundaries/dependency-cruiser.config.cjs', '--output-type', 'err', 'apps', 'libs']);
}
