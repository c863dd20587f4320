import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { DeliverySimulation, type Settings, type Step } from './delivery-simulation.js';
import { settings, steps } from './stories.js';

/** Of a failure the spec prints both: together they make it run that one story again. */
const { HOOKLANE_PROPERTY_RUNS, HOOKLANE_PROPERTY_SEED, HOOKLANE_PROPERTY_PATH, HOOKLANE_PROPERTY_SHRINK } = process.env;
const runs = Number(HOOKLANE_PROPERTY_RUNS ?? 300);
/** The same stories every time, unless more are asked for: what is found by chance belongs to whoever looks for it, not to whoever happens to run the specs. */
const seed = HOOKLANE_PROPERTY_SEED ?? (HOOKLANE_PROPERTY_RUNS === undefined ? '2' : undefined);
/** On a busy machine a story takes a fifth of a second. */
const patienceMs = runs * 1_000;

async function play(given: Settings, story: readonly Step[]): Promise<void> {
  const simulation = new DeliverySimulation(given);
  await simulation.start();
  for (const next of story) await simulation.step(next);
  await simulation.settleDown();
  simulation.assertAtRest();
}

describe('lanes, whatever the order of answers, commits, acks, pages, changes of the hook, hand-overs and crashes', () => {
  it('send nothing before every earlier event has its fate, make at most N failing attempts an epoch, and in the end give everything its fate', async () => {
    await fc.assert(fc.asyncProperty(settings, steps, play), {
      numRuns: runs,
      endOnFailure: HOOKLANE_PROPERTY_SHRINK === '0',
      ...(seed === undefined ? {} : { seed: Number(seed) }),
      ...(HOOKLANE_PROPERTY_PATH === undefined ? {} : { path: HOOKLANE_PROPERTY_PATH, endOnFailure: true }),
      // Before jest loses patience, which would lose the seed and the story: a failure is then told as far as it was made smaller.
      interruptAfterTimeLimit: patienceMs,
    });
  }, patienceMs + 60_000);
});

/** What the property once found, made smaller by hand. */
describe('lanes, after a crash', () => {
  it('charge the head also where nothing is left of earlier failures: the success that ended them may have been followed by a request', async () => {
    // The row of event 0's charge stays until its success is acked; a taker finds that success in the log, and must not take the lane for one that has nothing to hide.
    await play({ limit: 2, count: 'in-a-row', hooks: 1, retries: true }, [
      { kind: 'publish' },
      { kind: 'publish' },
      { kind: 'crash', applied: false, behind: false },
      { kind: 'return', what: 'rows' },
      { kind: 'answer', nth: 0, result: 'success' },
      { kind: 'crash', applied: true, behind: false },
      { kind: 'crash', applied: false, behind: false },
      { kind: 'answer', nth: 0, result: 'unavailable' },
    ]);
  });

  it('bring back what stands below a failure that was recorded and not published: its success was lost with the last owner', async () => {
    await play({ limit: 0, count: 'in-a-row', hooks: 1, retries: false }, [
      { kind: 'publish' },
      { kind: 'time', ms: 4_000 },
      { kind: 'time', ms: 2_500 },
      { kind: 'return', what: 'parking' },
      { kind: 'publish' },
      { kind: 'crash', applied: true, behind: false },
      { kind: 'return', what: 'page' },
      { kind: 'answer', nth: 0, result: 'success' },
      { kind: 'answer', nth: 0, result: 'unavailable' },
      { kind: 'return', what: 'rows' },
      { kind: 'crash', applied: false, behind: false },
      { kind: 'return', what: 'append' },
      { kind: 'time', ms: 50 },
    ]);
  });

  it('know every change of the hook that the last owner knew: an epoch that it had left is over', async () => {
    await play({ limit: 1, count: 'in-a-row', hooks: 1, retries: true }, [
      { kind: 'publish' },
      { kind: 'return', what: 'rows' },
      { kind: 'answer', nth: 0, result: 'rejected' },
      { kind: 'return', what: 'rows' },
      { kind: 'crash', applied: true, behind: false },
      { kind: 'change', nth: 0, to: 'enabled' },
      { kind: 'return', what: 'rows' },
      // The row says by now that the lane is well in the new epoch; who still sees the old one would try once more in that.
      { kind: 'crash', applied: false, behind: true },
      { kind: 'return', what: 'page' },
      { kind: 'return', what: 'rows' },
      { kind: 'answer', nth: 0, result: 'rejected' },
    ]);
  });

  it('is not forgotten by an owner that lets go in order before it has looked at what the dead one left', async () => {
    await play({ limit: 1, count: 'in-a-row', hooks: 1, retries: true }, [
      { kind: 'publish' },
      { kind: 'time', ms: 1_000 },
      { kind: 'return', what: 'rows' },
      { kind: 'time', ms: 4_000 },
      { kind: 'return', what: 'parking' },
      // Its request may have failed, which was the one failure allowed. What it was for waits in Postgres.
      { kind: 'crash', applied: false, behind: false },
      { kind: 'hand-over' },
      { kind: 'return', what: 'page' },
      { kind: 'return', what: 'rows' },
      { kind: 'answer', nth: 0, result: 'unavailable' },
    ]);
  });

  it('charge what is skipped by a command, too: its request may have failed all the same', async () => {
    await play({ limit: 2, count: 'in-a-row', hooks: 1, retries: false }, [
      { kind: 'publish' },
      { kind: 'command', nth: 0, what: 'skip-head' },
      { kind: 'return', what: 'rows' },
      { kind: 'crash', applied: false, behind: false },
      { kind: 'publish' },
      // What goes out now is not what the dead owner had under way.
      { kind: 'crash', applied: false, behind: false },
      { kind: 'return', what: 'rows' },
    ]);
  });

  it('remember nothing of a request elsewhere whose delivery the dead owner skipped after its answer', async () => {
    await play({ limit: 0, count: 'in-a-row', hooks: 1, retries: true }, [
      { kind: 'publish' },
      { kind: 'hand-over' },
      { kind: 'change', nth: 0, to: 'missed' },
      { kind: 'command', nth: 0, what: 'relay' },
      { kind: 'time', ms: 1_000 },
      // The row still says that a request is elsewhere, and the log knows both its answer and the fate.
      { kind: 'crash', applied: true, behind: false },
    ]);
  });

  it('remember nothing of a request elsewhere that never had an answer, where its delivery was skipped', async () => {
    await play({ limit: 0, count: 'in-a-row', hooks: 1, retries: false }, [
      { kind: 'publish' },
      { kind: 'hand-over' },
      { kind: 'crash', applied: false, behind: false },
      { kind: 'change', nth: 0, to: 'missed' },
      { kind: 'time', ms: 1_000 },
      { kind: 'command', nth: 0, what: 'relay' },
      { kind: 'time', ms: 2_500 },
      { kind: 'crash', applied: true, behind: false },
    ]);
  });

  it('read again what a catch-up brought before what waits for its end, also where the hook was disabled and the catch-up is over', async () => {
    await play({ limit: 1, count: 'in-a-row', hooks: 1, retries: false }, [
      { kind: 'publish' },
      { kind: 'crash', applied: true, behind: true },
      { kind: 'return', what: 'append' },
      { kind: 'change', nth: 0, to: 'missed' },
      { kind: 'command', nth: 0, what: 'relay' },
      { kind: 'return', what: 'append' },
      { kind: 'return', what: 'append' },
      { kind: 'replay', nth: 0 },
      { kind: 'publish' },
      { kind: 'hand-over' },
      { kind: 'change', nth: 0, to: 'disabled' },
      { kind: 'crash', applied: false, behind: true },
      // Who sees the hook as it is before the log was read again takes the catch-up for over.
      { kind: 'change', nth: 0, to: 'reordered' },
    ]);
  });
});

describe('lanes, while requests of the former owner are in flight', () => {
  it('keep the fate that came of one where a new owner finds it until the row is gone, also when others have gone on meanwhile', async () => {
    await play({ limit: 0, count: 'in-a-row', hooks: 2, retries: true, order: 'fifo-per-key', concurrency: 3 }, [
      { kind: 'publish', key: 2 },
      { kind: 'answer', nth: 0, result: 'rejected' },
      { kind: 'publish', key: 0 },
      { kind: 'publish', key: 2 },
      { kind: 'change', nth: 0, to: 'missed' },
      { kind: 'answer', nth: 0, result: 'unavailable' },
      { kind: 'hand-over' },
      { kind: 'return', what: 'page' },
      // Published by the former owner; the new one reads it after outcomes of its own.
      { kind: 'answer', nth: 0, result: 'success' },
      { kind: 'publish', key: 0 },
      { kind: 'return', what: 'append' },
      { kind: 'command', nth: 0, what: 'relay' },
      { kind: 'return', what: 'append' },
      { kind: 'time', ms: 50 },
    ]);
  });
});

describe('lanes that are to send an event again', () => {
  it('charge what the dead owner had announced, also where it has left out a replay since', async () => {
    await play({ limit: 1, count: 'in-a-row', hooks: 1, retries: false }, [
      { kind: 'publish' },
      { kind: 'return', what: 'rows' },
      { kind: 'again', nth: 0 },
      // The newest outcome is no attempt's: it says nothing of the one that is under way.
      { kind: 'crash', applied: true, behind: false },
      { kind: 'return', what: 'rows' },
    ]);
  });

  it('leave no replay out because of a delivery that a former owner has settled meanwhile', async () => {
    await play({ limit: 0, count: 'in-a-row', hooks: 1, retries: false }, [
      { kind: 'publish' },
      { kind: 'hand-over' },
      { kind: 'answer', nth: 0, result: 'success' },
      { kind: 'return', what: 'append' },
      { kind: 'again', nth: 0 },
    ]);
  });
});

describe('lanes whose requests we break off', () => {
  const given = { limit: 2, count: 'in-a-row', hooks: 1, retries: true } as const;

  it('make at most N failing attempts also when a stopping owner breaks one off that its receiver has just failed', async () => {
    await play(given, [
      { kind: 'publish' },
      { kind: 'hand-over' },
      { kind: 'stop' },
      { kind: 'return', what: 'append' },
      { kind: 'time', ms: 1_000 },
      { kind: 'return', what: 'rows' },
      { kind: 'answer', nth: 0, result: 'unavailable' },
      { kind: 'return', what: 'rows' },
      { kind: 'return', what: 'append' },
      { kind: 'return', what: 'rows' },
      { kind: 'time', ms: 4_000 },
      { kind: 'return', what: 'rows' },
      { kind: 'return', what: 'rows' },
    ]);
  });

  it('make at most N failing attempts also when an owner that cannot renew its lease breaks one off', async () => {
    await play(given, [
      { kind: 'publish' },
      { kind: 'away' },
      { kind: 'return', what: 'rows' },
      { kind: 'return', what: 'append' },
      { kind: 'time', ms: 1_000 },
      { kind: 'return', what: 'rows' },
      { kind: 'answer', nth: 0, result: 'unavailable' },
      { kind: 'return', what: 'rows' },
      { kind: 'return', what: 'append' },
      { kind: 'return', what: 'rows' },
      { kind: 'time', ms: 4_000 },
      { kind: 'return', what: 'rows' },
    ]);
  });
});

describe('lanes that catch up', () => {
  it('take no page that was asked for before: what came meanwhile waits for the end', async () => {
    await play({ limit: 0, count: 'in-a-row', hooks: 1, retries: true }, [
      { kind: 'publish' },
      { kind: 'publish' },
      { kind: 'publish' },
      { kind: 'time', ms: 4_000 },
      { kind: 'hand-over' },
      { kind: 'change', nth: 0, to: 'missed' },
      { kind: 'return', what: 'page' },
      { kind: 'return', what: 'rows' },
      { kind: 'command', nth: 0, what: 'relay' },
      { kind: 'return', what: 'rows' },
      { kind: 'publish' },
      { kind: 'return', what: 'parking' },
      { kind: 'return', what: 'page' },
    ]);
  });

  it('keep what waits for the end of the one that has overtaken another apart from what waited for that', async () => {
    await play({ limit: 0, count: 'in-a-row', hooks: 1, retries: false }, [
      { kind: 'change', nth: 0, to: 'missed' },
      { kind: 'publish' },
      { kind: 'command', nth: 0, what: 'relay' },
      { kind: 'return', what: 'append' },
      { kind: 'return', what: 'append' },
      { kind: 'return', what: 'rows' },
      { kind: 'replay', nth: 0 },
      { kind: 'change', nth: 0, to: 'missed' },
      { kind: 'publish' },
      { kind: 'command', nth: 0, what: 'relay' },
      { kind: 'return', what: 'rows' },
      // While what the first one brought is under way.
      { kind: 'publish' },
      { kind: 'return', what: 'rows' },
    ]);
  });

  it('read of a key that failed meanwhile nothing that waits for the end', async () => {
    await play({ limit: 0, count: 'in-a-row', hooks: 2, retries: true, order: 'fifo-per-key', concurrency: 1 }, [
      { kind: 'change', nth: 0, to: 'missed' },
      { kind: 'publish' },
      { kind: 'publish', key: 1 },
      { kind: 'change', nth: 1, to: 'missed' },
      { kind: 'answer', nth: 0, result: 'success' },
      { kind: 'return', what: 'parking' },
      { kind: 'publish' },
      { kind: 'command', nth: 0, what: 'skip-head' },
      { kind: 'return', what: 'append' },
      { kind: 'command', nth: 1, what: 'release-catch-up' },
      { kind: 'return', what: 'append' },
      { kind: 'command', nth: 0, what: 'relay' },
      { kind: 'return', what: 'append' },
      { kind: 'return', what: 'page' },
      { kind: 'publish', key: 1 },
      { kind: 'return', what: 'append' },
      { kind: 'answer', nth: 0, result: 'success' },
      { kind: 'return', what: 'append' },
      { kind: 'replay', nth: 0 },
      { kind: 'answer', nth: 0, result: 'unavailable' },
      { kind: 'publish', key: 1 },
    ]);
  });
});

describe('lanes that keep order by key, when their overlay is made anew', () => {
  const given = { limit: 0, count: 'in-a-row', hooks: 1, retries: true, order: 'fifo-per-key', concurrency: 1 } as const;

  it('try again what failed under the owner before: nothing else may ever happen to the lane', async () => {
    await play(given, [{ kind: 'publish', key: 2 }, { kind: 'answer', nth: 0, result: 'rejected' }, { kind: 'hand-over' }]);
  });

  it('try again what was due long before the line came by it: the hook was held', async () => {
    await play(given, [{ kind: 'publish', key: 2 }, { kind: 'command', nth: 0, what: 'hold' }, { kind: 'answer', nth: 0, result: 'unavailable' }, { kind: 'hand-over' }]);
  });

  it('send nothing of a key again that has its fate while its row is still there', async () => {
    await play({ limit: 0, count: 'in-a-row', hooks: 1, retries: true, order: 'none', concurrency: 2 }, [
      { kind: 'publish', key: 2 },
      { kind: 'change', nth: 0, to: 'reordered' },
      { kind: 'change', nth: 0, to: 'missed' },
      { kind: 'crash', applied: false, behind: false },
      { kind: 'command', nth: 0, what: 'relay' },
      { kind: 'publish', key: 2 },
      { kind: 'publish', key: 0 },
      { kind: 'hand-over' },
      { kind: 'command', nth: 0, what: 'release-catch-up' },
      { kind: 'return', what: 'append' },
      { kind: 'replay', nth: 0 },
      { kind: 'change', nth: 0, to: 'reordered' },
      { kind: 'crash', applied: true, behind: false },
      { kind: 'return', what: 'page' },
      { kind: 'answer', nth: 0, result: 'rejected' },
    ]);
  });

  it('give the key to a lower one that waited for the end of a catch-up, where what that brought failed before', async () => {
    await play({ limit: 2, count: 'in-a-row', hooks: 1, retries: true, order: 'fifo-per-key', concurrency: 1 }, [
      { kind: 'publish', key: 1 },
      { kind: 'crash', applied: false, behind: false },
      { kind: 'change', nth: 0, to: 'missed' },
      { kind: 'command', nth: 0, what: 'relay' },
      { kind: 'return', what: 'rows' },
      { kind: 'return', what: 'parking' },
      { kind: 'return', what: 'page' },
      { kind: 'publish', key: 1 },
      { kind: 'hand-over' },
      { kind: 'hand-over' },
      { kind: 'replay', nth: 0 },
      // Nobody catches up any more: what waited stands before it in the line, and what it brought is skipped.
      { kind: 'change', nth: 0, to: 'disabled' },
      { kind: 'hand-over' },
      { kind: 'time', ms: 1_000 },
    ]);
  });

  it('keep nothing of a failure that a lower one of its key has overtaken: the success before it was lost with the last owner', async () => {
    await play(given, [
      { kind: 'publish', key: 2 },
      { kind: 'publish', key: 2 },
      { kind: 'answer', nth: 0, result: 'success' },
      { kind: 'answer', nth: 0, result: 'rejected' },
      { kind: 'return', what: 'rows' },
      { kind: 'crash', applied: false, behind: false },
    ]);
  });
});
