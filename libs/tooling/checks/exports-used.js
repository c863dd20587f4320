import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../driver/root.js';
import { ourFiles } from './files.js';

let ts;

/**
 * What a file exports, somebody imports: another file of the package, a spec of it, or the package's own entry files. Reads the sources only
 * (no types, half a second). Types may be exported for the sake of a signature. An `import * as` or `export *` counts as using
 * everything.
 */
export async function exportsUsed() {
  // Not at the top: this file is loaded before anything is installed.
  ({ default: ts } = await import('typescript'));
  const files = ourFiles((path) => /\.tsx?$/.test(path) && !path.endsWith('.d.ts'));
  const exported = new Map();
  const used = new Set();
  for (const file of files) {
    const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, false);
    if (!isEntry(file)) exported.set(file, exportedNames(source));
    for (const [target, name] of importedNames(source, file)) used.add(`${target}#${name}`);
  }
  const dead = [...exported].flatMap(([file, names]) => (used.has(`${file}#*`) ? [] : names.filter((name) => !used.has(`${file}#${name}`)).map((name) => `${file}: nobody imports ${name}.`)));
  return { ok: dead.length === 0, output: dead.join('\n') };
}

/** Files that somebody outside the sources names: package entries, programs, and what jest loads. */
function isEntry(file) {
  if (/\.spec\.ts$|\/main\.ts$|\/bin\/|\/jest\//.test(file)) return true;
  const folder = file.split('/').slice(0, 2).join('/');
  const { exports = {} } = JSON.parse(readFileSync(`${root}/${folder}/package.json`, 'utf8'));
  const inDist = file.replace(/^([^/]+\/[^/]+)\/src\//, './dist/').replace(/\.ts$/, '.js');
  return JSON.stringify(exports).includes(`"${inDist}"`);
}

function exportedNames(source) {
  return source.statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement) && statement.exportClause && ts.isNamedExports(statement.exportClause)) return statement.exportClause.elements.map((element) => element.name.text);
    if (!statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
    if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? name.text : name.elements.map((element) => element.name?.text)));
    if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) return [];
    return statement.name?.text ?? [];
  });
}

function importedNames(source, file) {
  const found = [];
  const visit = (node) => {
    const from = node.moduleSpecifier ?? (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword ? node.arguments[0] : undefined) ?? (ts.isImportTypeNode(node) ? node.argument.literal : undefined);
    const target = from?.text?.startsWith('.') ? resolved(file, from.text) : null;
    if (target !== null) {
      const clause = ts.isExportDeclaration(node) ? node.exportClause : node.importClause?.namedBindings;
      const names = clause?.elements?.map((element) => (element.propertyName ?? element.name).text) ?? ['*'];
      for (const name of names) found.push([target, name]);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function resolved(file, specifier) {
  const path = join(dirname(file), specifier).replaceAll('\\', '/').replace(/\.js$/, '.ts');
  return existsSync(join(root, path)) ? path : null;
}
