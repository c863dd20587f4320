import { jest } from '@jest/globals';

// Whole stacks on a busy machine, and jest knows no time limit of a project: what takes longer than this hangs.
jest.setTimeout(120_000);
