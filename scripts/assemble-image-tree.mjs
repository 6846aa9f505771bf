// Assembles what the image of one plane holds: node scripts/assemble-image-tree.mjs <plane> <new folder> [amd64|arm64]
//
// The plane's build, and of node_modules what its `dependencies` lead to, found as Node finds them, so that nothing is
// installed anew and no development dependency comes along. Links between the workspaces become folders. What no program
// reads (types, maps, sources, other platforms' binaries) stays behind; licences come along. The Dockerfile runs this
// on the image's own platform, and the tests run it too: no container engine is needed to see that the tree serves.

import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';

const root = join(import.meta.dirname, '..');
const planes = ['control-plane', 'data-plane'];

// Needed to compile better-sqlite3, which comes compiled.
const onlyForCompilers = new Set(['node-addon-api']);
const leftFolders = new Set(['test', 'tests', '__tests__', 'docs', 'example', 'examples', 'benchmark', 'benchmarks']);
const leftFiles = /\.(ts|mts|cts|map|tsbuildinfo|md|markdown|flow|gyp|gypi)$/i;
const licence = /^(licen[cs]e|notice|copying)/i;
// Folders of single packages: the sources that their programs were made from.
const leftOfPackage = {
  'better-sqlite3': ['deps', 'src'],
  protobufjs: ['dist', 'cli'],
  zod: ['src'],
};
// As container engines call them, and as Node does.
const architectures = { amd64: 'x64', arm64: 'arm64' };
const nameHere = Object.keys(architectures).find((name) => architectures[name] === process.arch);
const [plane, target, architecture = nameHere] = process.argv.slice(2);
const binary = `linux-${architectures[architecture]}.node`;

function main() {
  if (!planes.includes(plane) || target === undefined || architectures[architecture] === undefined) {
    fail(`usage: assemble-image-tree.mjs ${planes.join('|')} <new folder> [${Object.keys(architectures).join('|')}]`);
  }
  if (existsSync(target) && readdirSync(target).length > 0) fail(`${target} is not empty`);
  mkdirSync(target, { recursive: true });
  const packages = packagesOf(join(root, plane));
  copyPlane();
  for (const source of packages) copyPackage(source, join(target, placeOf(source)));
  cpSync(join(root, 'LICENSE'), join(target, 'LICENSE'));
  makeReadable(target);
  console.log(`${plane}: ${packages.size} packages, ${(sizeOf(target) / 1_048_576).toFixed(1)} MiB in ${target}`);
}

/** Every package that the plane needs when it runs, by the folder that Node finds it in. */
function packagesOf(start) {
  const found = new Set();
  const open = [start];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const [name, isNeeded] of dependenciesOf(folder)) {
      const dependency = resolve(name, folder);
      if (dependency === undefined && isNeeded) fail(`${name}, which ${folder} needs, is not installed`);
      if (dependency === undefined || found.has(dependency)) continue;
      found.add(dependency);
      open.push(realpathSync(dependency));
    }
  }
  return found;
}

/** Names, and whether the package does not work without. */
function dependenciesOf(folder) {
  const { dependencies = {}, optionalDependencies = {} } = readPackage(folder);
  const names = Object.keys({ ...dependencies, ...optionalDependencies });
  return names.filter((name) => !onlyForCompilers.has(name)).map((name) => [name, !(name in optionalDependencies)]);
}

/** The first node_modules that has it, going up from the folder. */
function resolve(name, folder) {
  for (let at = folder; at.startsWith(root); at = dirname(at)) {
    const candidate = join(at, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
  }
  return undefined;
}

/** Where a package goes: where it is, and below the link for what a workspace has in a node_modules of its own. */
function placeOf(source) {
  const path = relative(root, source);
  if (path.startsWith('node_modules')) return path;
  const [workspace, ...rest] = path.split(sep);
  return planes.includes(workspace) ? path : join('node_modules', readPackage(join(root, workspace)).name, ...rest);
}

function copyPlane() {
  if (!existsSync(join(root, plane, 'dist', 'main.js'))) fail(`${plane} is not built: run \`make build\``);
  copyPackage(join(root, plane), join(target, plane));
}

/** Without the node_modules inside: what is needed of them is on the list. */
function copyPackage(source, to) {
  const from = realpathSync(source);
  const isOurs = !from.includes(`${sep}node_modules${sep}`);
  const left = new Set(leftOfPackage[readPackage(from).name]);
  const keeps = (path) => {
    const inside = relative(from, path);
    if (inside === '') return true;
    const [top] = inside.split(sep);
    if (isOurs) return ['package.json', 'bin', 'dist'].includes(top) && !isLeft(path);
    return top !== 'node_modules' && !left.has(top) && !isLeft(path);
  };
  cpSync(from, to, { recursive: true, filter: keeps });
}

function isLeft(path) {
  const name = basename(path);
  if (statSync(path).isDirectory()) return leftFolders.has(name) || name.startsWith('.');
  if (name.endsWith('.node')) return name !== binary;
  return !licence.test(name) && (leftFiles.test(name) || name.startsWith('.'));
}

/** For everyone to read, for root alone to write, whatever the umask was. */
function makeReadable(folder) {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) makeReadable(path);
    else chmodSync(path, 0o644);
  }
}

function sizeOf(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

function readPackage(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

function fail(message) {
  console.error(`assemble-image-tree: ${message}`);
  process.exit(1);
}

main();
