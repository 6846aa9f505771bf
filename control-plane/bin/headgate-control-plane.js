#!/usr/bin/env node
// Native modules crash without a word on a Node that is too old: said here, before any is loaded.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 12)) {
  console.error(`headgate-control-plane needs Node 22.12 or later; this is ${process.version}`);
  process.exit(1);
}
await import('../dist/main.js');
