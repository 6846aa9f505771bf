#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';
// Native modules crash without a word on a Node that is too old: said here, before any is loaded.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 12)) {
  console.error(`headgate-data-plane needs Node 22.12 or later; this is ${process.version}`);
  process.exit(1);
}
// A young generation that stays small is collected in a few milliseconds even while a snapshot of a hundred thousand
// servers survives in it; one that has grown stalls requests for 20 ms and more.
setFlagsFromString('--semi-space-growth-factor=1');
await import('../dist/main.js');
