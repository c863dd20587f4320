import { headerProblem, resolvedOptions, type Dialect } from '@hooklane/dialects';
import { choicesText, forbiddenChoices } from './dialect-choices.js';
import type { HookDraft } from './hook-draft.js';
import type { FieldProblem } from './invalid-hook.js';
import { makesKeys } from './signing-keys.js';

/** What a hook of this dialect cannot be. */
export function dialectProblems({ config, secrets }: HookDraft, dialect: Dialect): FieldProblem[] {
  const { dialectOptions } = config;
  const forbidden = forbiddenChoices(dialect, dialectOptions);
  if (forbidden.length > 0) return forbidden.map((name) => ({ pointer: `/dialectOptions/${name}`, message: `Cannot be chosen in the dialect ${dialect.name}.` }));
  const { signature, success } = resolvedOptions(dialect, choicesText(dialectOptions));
  const problems: FieldProblem[] = [];
  if (success.body !== null && (success.body.field === undefined || success.body.equals === undefined)) {
    problems.push({ pointer: '/dialectOptions/success/body', message: 'Needs the members field and equals.' });
  }
  signature.headers.forEach(({ name, prefix }, index) => {
    const message = headerProblem(name, prefix);
    if (message !== null) problems.push({ pointer: `/dialectOptions/signature/headers/${index}`, message });
  });
  if (signature.algorithm !== 'none' && signature.headers.length === 0) problems.push({ pointer: '/dialectOptions/signature/headers', message: 'A signature needs a header.' });
  if (makesKeys(dialect)) return problems;
  const signs = signature.algorithm !== 'none';
  if (secrets.signing.length > 0 && !signs) problems.push({ pointer: '/secret', message: 'Nothing is signed with it: dialectOptions.signature is switched off.' });
  if (secrets.signing.length === 0 && signs && dialect.options.signature.algorithm === 'none') problems.push({ pointer: '/secret', message: 'Required: dialectOptions.signature is switched on.' });
  if (config.envelope !== dialect.defaults.envelope) problems.push({ pointer: '/envelope', message: `Is for native hooks; the dialect ${dialect.name} has its own.` });
  return problems;
}
