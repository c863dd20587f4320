// Read by whatever Node the newcomer has, so nothing newer than ES modules is used in this file and in the entry files that import it.

/** Ends the process with one sentence when this Node is too old to run anything else of ours. */
export function requireNodeVersion() {
  const wanted = [20, 19];
  const have = process.versions.node.split('.').map(Number);
  if (have[0] > wanted[0] || (have[0] === wanted[0] && have[1] >= wanted[1])) return;
  console.error('Hooklane needs Node ' + wanted.join('.') + ' or newer, and this is Node ' + process.versions.node + '.');
  process.exit(1);
}
