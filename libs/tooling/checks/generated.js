import { differences } from '../generate/generate.js';

/** What is generated and committed is what the generators make now. */
export async function generated() {
  const found = await differences();
  return { ok: found.length === 0, output: `${found.join('\n')}\nRun "npm run generate" and commit.` };
}
