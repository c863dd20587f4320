import { eventLogContract } from '@hooklane/event-log/testing';
import { embeddedHarness } from './harness.js';

eventLogContract('embedded', () => embeddedHarness());
// With next to no memory every record is read from the table.
eventLogContract('embedded, always behind', () => embeddedHarness({ tailBytes: 2_000 }));
