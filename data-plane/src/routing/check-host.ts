import { normaliseHostPattern } from '@headgate/shared/model/host-pattern';
import type { Host, PathMatch } from '@headgate/shared/model/host';
import { quote, type Finding } from './finding.ts';

const ROUTES = 1_000;
const ROUTE_PATH = /^\/[\x21\x22\x24-\x3e\x40-\x7e]{0,2047}$/;

/** What keeps a host from being served. Whether its backends exist is looked at elsewhere. */
export function checkHost({ pattern, routes }: Host): readonly Finding[] {
  const findings: Finding[] = [];
  if (pattern.length > 300 || normaliseHostPattern(pattern) !== pattern) {
    const reason = `is ${quote(pattern)}, not a host pattern in its one spelling`;
    findings.push({ field: '/pattern', code: 'invalid_host', reason });
  }
  if (routes.length < 1 || routes.length > ROUTES) {
    findings.push({
      field: '/routes',
      code: 'out_of_range',
      reason: `has ${routes.length} routes, not 1 to ${ROUTES}`,
    });
  }
  routes.forEach(({ path }, index) => {
    if (path === undefined || ROUTE_PATH.test(textOf(path))) return;
    const reason = `is ${quote(textOf(path))}, not a path`;
    findings.push({ field: `/routes/${index}/path`, code: 'invalid_path', reason });
  });
  return findings;
}

function textOf(path: PathMatch): string {
  return 'exact' in path ? path.exact : path.prefix;
}
