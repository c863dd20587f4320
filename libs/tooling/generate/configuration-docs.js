import { existsSync, readdirSync } from 'node:fs';
import { root } from '../driver/root.js';
import { filesIn } from './files-in.js';

/** Where schemas live besides `*.config.ts`: what every process reads. */
const HOST_SCHEMA = 'libs/service-host/dist/process/process-config.js';

/** The configuration page and `.env.example`, from the schemas that the processes read. */
export const configurationDocs = {
  name: 'configuration',
  owns: [],
  async make() {
    const sections = [];
    for (const file of [HOST_SCHEMA, ...configFiles()]) {
      const fields = await fieldsOf(file);
      if (fields.length > 0) sections.push({ title: titleOf(file), fields });
    }
    return new Map([
      ['docs/configuration.md', page(sections)],
      ['.env.example', example(sections)],
    ]);
  },
};

function configFiles() {
  const packages = ['apps', 'libs'].flatMap((parent) => readdirSync(`${root}/${parent}`).map((name) => `${parent}/${name}/dist`)).filter((folder) => existsSync(`${root}/${folder}`));
  return packages.flatMap((folder) => filesIn(folder)).filter((file) => file.endsWith('.config.js')).sort();
}

function titleOf(file) {
  if (file === HOST_SCHEMA) return 'Every process';
  const [, folder] = file.split('/');
  const name = file.split('/').pop().replace('.config.js', '');
  return folder === 'service-host' ? `Bindings: ${name}` : name;
}

async function fieldsOf(file) {
  const exported = await import(`${root}/${file}`);
  const schemas = Object.values(exported).filter((value) => value?._zod?.def?.type === 'object');
  return schemas.flatMap((schema) => Object.entries(schema.shape).map(([name, field]) => ({ name, ...describe(field, `${file}: ${name}`) })));
}

/** Looks through the layers of a zod schema (default, optional, transform) for the sentence and the default. */
function describe(field, where) {
  let description, fallback, required = true;
  for (let at = field; at !== undefined; at = at._zod.def.innerType ?? at._zod.def.in) {
    description ??= at.description;
    const { type, defaultValue } = at._zod.def;
    if (type === 'default' || type === 'prefault') fallback ??= defaultValue;
    if (type === 'default' || type === 'prefault' || type === 'optional' || type === 'nullable') required = false;
  }
  if (description === undefined) throw new Error(`${where} has no description; say what it is, its unit and its default.`);
  return { description, fallback, required };
}

const page = (sections) => `# Configuration

Every value is an environment variable. An empty one counts as not set; a wrong one ends the process at its start with the variable's name.
This page is generated from the schemas that the processes read (\`npm run generate\`).
${sections.map(({ title, fields }) => `
## ${title}

| variable | default | meaning |
|---|---|---|
${fields.map(({ name, description, fallback, required }) => `| \`${name}\` | ${required ? '**required**' : shown(fallback)} | ${description.replaceAll('|', '\\|').replaceAll('\n', ' ')} |`).join('\n')}
`).join('')}`;

const shown = (fallback) => (fallback === undefined || fallback === '' ? 'none' : `\`${fallback}\``);

const example = (sections) => `# Every variable that a process of Hooklane reads, with its default. Generated (npm run generate); docs/configuration.md is the same as a page.
${sections.map(({ title, fields }) => `
# ${title}
${fields.map(({ name, description, fallback, required }) => `
${description.split('\n').map((line) => `# ${line}`).join('\n')}
${required ? '' : '# '}${name}=${fallback ?? ''}`).join('\n')}
`).join('')}`;
