const { forbidden } = require('./rules.cjs');

module.exports = {
  forbidden,
  options: {
    // Other packages are met as built; what they import is checked where it is written.
    doNotFollow: { path: '(^|/)(node_modules|dist)/' },
    exclude: { path: '(^|/)dist\\.next/|(^|/)\\.turbo/' },
    // The root's package.json declares the tools that every package's specs use, and nothing else.
    combinedDependencies: true,
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['types', 'import', 'node', 'default'], extensions: ['.ts', '.d.ts', '.js', '.mjs', '.cjs', '.json'], mainFields: ['types', 'main'] },
    moduleSystems: ['es6', 'cjs'],
  },
};
