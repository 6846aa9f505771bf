// npm scripts and make targets run on the Node that the `node` development dependency brings. `--ignore-scripts` leaves
// it out without a word, and then whatever Node the machine has would run: say so here rather than fail obscurely later.

const required = [22, 12];
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < required[0] || (major === required[0] && minor < required[1])) {
  console.error(
    [
      `Headgate needs Node ${required.join('.')} or newer, and this is Node ${process.versions.node}.`,
      'node_modules/.bin/node should have been Node 24: was npm run with ignore-scripts?',
      'Run `npm rebuild node --ignore-scripts=false`, or put a newer Node first on the PATH.',
    ].join('\n'),
  );
  process.exit(1);
}
