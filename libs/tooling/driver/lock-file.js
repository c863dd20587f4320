import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { root } from './root.js';

/**
 * `npm install` leaves out of the lock file those binaries for other systems that the registry did not have when it ran, and `npm ci` then
 * refuses the file, on every system. The missing entries are added by name and version (no integrity: that is only known to who has the file).
 */
const file = `${root}/package-lock.json`;

/** Systems that a package's name can tell; those entries get `os` and `cpu`, so that other systems skip them. */
const OS = { darwin: 'darwin', windows: 'win32', win32: 'win32', linux: 'linux', android: 'android', freebsd: 'freebsd', openharmony: 'openharmony', netbsd: 'netbsd', openbsd: 'openbsd' };
const CPU = { x64: 'x64', 64: 'x64', arm64: 'arm64', aarch64: 'arm64', arm: 'arm', armv7: 'arm', ia32: 'ia32', ppc64: 'ppc64', riscv64: 'riscv64', s390x: 's390x', loong64: 'loong64' };

export function readLock() {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** @returns {{ path: string, name: string, version: string }[]} what optional dependencies name and the lock does not hold. */
export function missingEntries(lock) {
  const missing = new Map();
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      // Ranges are resolved by npm; platform binaries are always named by an exact version.
      if (!/^\d+\.\d+\.\d+/.test(version) || isHeld(lock, path, name)) continue;
      missing.set(`node_modules/${name}`, { path: `node_modules/${name}`, name, version });
    }
  }
  return [...missing.values()];
}

function isHeld(lock, path, name) {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (lock.packages[`${at === '' ? '' : `${at}/`}node_modules/${name}`] !== undefined) return true;
    if (at === '') return false;
  }
}

/** Adds what is missing, in the order npm keeps. @returns how many entries were added. */
export function fixLock() {
  const lock = readLock();
  const missing = missingEntries(lock);
  if (missing.length === 0) return 0;
  for (const { path, name, version } of missing) lock.packages[path] = { version, ...platformOf(name), optional: true };
  // npm sorts by its users' language, which is English here.
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  return missing.length;
}

function platformOf(name) {
  const words = name.replace('@', '').split(/[/-]/);
  const os = words.map((word) => OS[word]).find(Boolean);
  const cpu = words.map((word) => CPU[word]).find(Boolean);
  const libc = words.includes('musl') || words.includes('musleabihf') ? 'musl' : words.includes('gnu') || words.includes('gnueabihf') ? 'glibc' : undefined;
  return { ...(cpu ? { cpu: [cpu] } : {}), ...(libc ? { libc: [libc] } : {}), ...(os ? { os: [os] } : {}) };
}

/** Whether what is installed is what the lock says, looking at names and versions only. */
export function isInstalled() {
  let installed;
  try {
    installed = JSON.parse(readFileSync(`${root}/node_modules/.package-lock.json`, 'utf8')).packages;
  } catch {
    return false;
  }
  return Object.entries(readLock().packages).every(([path, wanted]) => {
    if (!path.includes('node_modules/')) return true;
    const have = installed[path];
    if (have === undefined) return wanted.optional === true || wanted.peer === true || wanted.devOptional === true;
    return have.version === wanted.version && have.resolved === wanted.resolved;
  }) && platformBinariesWork();
}

/** An optional package may be missing rightly; the one for this system is asked for by name. */
function platformBinariesWork() {
  try {
    createRequire(`${root}/package.json`)('@swc/core');
    return true;
  } catch {
    return false;
  }
}
