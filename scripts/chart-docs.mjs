// Writes what of the chart follows from something else: the table of values in its README, from the comments of
// values.yaml, and the settings of both planes in values.schema.json, from their specs (so build first).
// With --check it writes nothing and fails where a file is not current.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { isMap, parseDocument } from 'yaml';
import { settingsSpec as controlPlaneSpec } from '../control-plane/dist/config/settings-spec.js';
import { settingsSpec as dataPlaneSpec } from '../data-plane/dist/config/settings-spec.js';

const chart = join(import.meta.dirname, '..', 'charts', 'headgate');

/** Settings that other values decide on, or the pod itself. */
const ownedByChart = new Set([
  'adminAddress',
  'adminToken',
  'apiAddress',
  'apiTlsCert',
  'apiTlsKey',
  'auth',
  'controlPlane',
  'controlPlaneCa',
  'controlPlaneCert',
  'controlPlaneKey',
  'controlPlaneTls',
  'dataDir',
  'dataPlaneAdminToken',
  'dataPlaneId',
  'grpcAddress',
  'grpcClientCa',
  'grpcTlsCert',
  'grpcTlsKey',
  'httpAddress',
  'initialConfig',
  'insecure',
  'joinToken',
  'labels',
  'secretsKey',
  'secretsKeyPrevious',
  'shutdownDelay',
  'shutdownTimeout',
  'stateDir',
  'statusAddress',
]);

/** Rows of path, default and description. A key with a comment is a value, one without is a group of values. */
function rowsOf(map, path = []) {
  return map.items.flatMap((pair, index) => {
    const at = [...path, pair.key.value];
    const comment = pair.key.commentBefore ?? (index === 0 ? map.commentBefore : undefined);
    if (comment !== undefined) return [{ name: at.join('.'), value: pair.value, text: sentence(comment) }];
    if (!isMap(pair.value) || pair.value.items.length === 0) fail(`values.yaml: ${at.join('.')} is not described`);
    return rowsOf(pair.value, at);
  });
}

/** The last paragraph: one above may speak of the whole file. */
function sentence(comment) {
  const last =
    comment
      .trim()
      .split(/\n\s*\n/)
      .at(-1) ?? '';
  return last.replaceAll(/\s*\n\s*/g, ' ').trim();
}

function tableOf(rows) {
  const cell = (text) => text.replaceAll('|', '\\|');
  const lines = rows.map(({ name, value, text }) => {
    return `| \`${name}\` | \`${cell(JSON.stringify(value.toJSON()))}\` | ${cell(text)} |`;
  });
  return ['| value | default | |', '| --- | --- | --- |', ...lines].join('\n');
}

function readme() {
  const values = parseDocument(readFileSync(join(chart, 'values.yaml'), 'utf8'));
  const [before, rest] = readFileSync(join(chart, 'README.md'), 'utf8').split('<!-- values -->\n');
  const after = rest?.split('<!-- end of values -->')[1];
  if (after === undefined) fail('README.md of the chart has no place for the values');
  return `${before}<!-- values -->\n${tableOf(rowsOf(values.contents))}\n<!-- end of values -->${after}`;
}

function settingsSchema(spec) {
  const keys = Object.values(spec).map(({ name, description }) => [camelCase(name), description]);
  const open = keys.filter(([key]) => !ownedByChart.has(key)).sort(([a], [b]) => (a < b ? -1 : 1));
  const properties = Object.fromEntries(
    open.map(([key, description]) => [key, { $ref: '#/definitions/setting', description }]),
  );
  return { type: 'object', additionalProperties: false, properties };
}

/** As the settings file spells it: `apiAddress` of `HEADGATE_API_ADDRESS`. */
function camelCase(name) {
  return name
    .slice('HEADGATE_'.length)
    .toLowerCase()
    .replaceAll(/_(.)/g, (_, letter) => letter.toUpperCase());
}

async function schema() {
  const path = join(chart, 'values.schema.json');
  const written = JSON.parse(readFileSync(path, 'utf8'));
  written.definitions.controlPlaneSettings = settingsSchema(controlPlaneSpec);
  written.definitions.dataPlaneSettings = settingsSchema(dataPlaneSpec);
  return format(JSON.stringify(written), { ...(await resolveConfig(path)), parser: 'json' });
}

function fail(message) {
  console.error(`chart-docs: ${message}`);
  process.exit(1);
}

for (const [name, text] of [
  ['README.md', readme()],
  ['values.schema.json', await schema()],
]) {
  const path = join(chart, name);
  if (readFileSync(path, 'utf8') === text) continue;
  if (process.argv.includes('--check')) fail(`charts/headgate/${name} is not current: run \`make chart-docs\``);
  writeFileSync(path, text);
}
