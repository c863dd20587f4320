export { parentOf } from './cpu-of-server.js';
export { benchSettings, LogBench } from './log-bench.js';
