// The modules of the project in one order, top first. A module imports what stands on a line below its own, and nothing
// else. Prints each arrow between modules with the number of imports it stands for; exits 1 and names the imports when
// one runs sideways or up, or when a module has no place in the order. With --quiet it prints
// the faults alone. Usage: node .ci/modules.mjs [FOLDER] [--quiet]
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';

/** One line for each floor, from the top; modules of one line don't know each other. */
const ORDER = [
  ['bench'],
  ['local'],
  ['functions'],
  ['orchestrations', 'shared/retention'],
  ['shared/cascade', 'shared/customers'],
  ['shared/records'],
  ['shared/http', 'shared/runs'],
  ['shared/security', 'shared/settings'],
  ['shared/transactions', 'shared/events', 'shared/config'],
  ['shared/catalogue'],
  ['shared/storage'],
  ['shared/problem.ts'],
  ['shared/messages'],
];

const isQuiet = process.argv.includes('--quiet');
const root = process.argv.slice(2).find((argument) => argument !== '--quiet') ?? '.';
const floorOf = new Map(ORDER.flatMap((modules, floor) => modules.map((name) => [name, floor])));
const folders = [...new Set([...floorOf.keys()].map((name) => name.split('/')[0]))];

/** The module of a file, by its path from the root: the folder below shared/, the top folder elsewhere. */
const moduleOf = (path) => path.split('/', path.startsWith('shared/') ? 2 : 1).join('/');

function sourceFiles(folder) {
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return paths.filter((path) => path.endsWith('.ts')).map((path) => relative(root, path).split(sep).join('/'));
}

const arrows = new Map();
const faults = [];
for (const file of folders.flatMap(sourceFiles)) {
  const from = moduleOf(file);
  if (!floorOf.has(from)) faults.push(`${file}: the module ${from} has no place in the order (.ci/modules.mjs)`);
  for (const [, path] of readFileSync(join(root, file), 'utf8').matchAll(/\b(?:from|import) '(\.[^']+)'/g)) {
    const target = posix.join(posix.dirname(file), path);
    const to = moduleOf(target);
    if (to === from) continue;
    const arrow = `${from} -> ${to}`;
    arrows.set(arrow, (arrows.get(arrow) ?? 0) + 1);
    if (!(floorOf.get(from) < floorOf.get(to))) faults.push(`${file} imports ${target}: ${arrow} runs up or sideways`);
  }
}

if (!isQuiet) for (const [arrow, count] of [...arrows].sort()) console.log(`${arrow} (${count})`);
if (!isQuiet)
  console.log(`${arrows.size} arrows between ${floorOf.size} modules, ${faults.length} imports against the order`);
for (const fault of faults) console.error(fault);
process.exit(faults.length === 0 ? 0 : 1);
