import { expect, it } from '@jest/globals';
import { withOptionsOf } from './node-options.js';

it('gives the image the young generation of npm start', () => {
  expect(withOptionsOf('node --max-semi-space-size=32 start.js', 'exec node --enable-source-maps --max-semi-space-size=64 main.js')).toBe('exec node --enable-source-maps --max-semi-space-size=32 main.js');
});

it('says where the option is missing', () => {
  expect(() => withOptionsOf('node start.js', '--max-semi-space-size=64')).toThrow('--max-semi-space-size');
  expect(() => withOptionsOf('node --max-semi-space-size=32 start.js', 'exec node main.js')).toThrow('Dockerfile');
});
