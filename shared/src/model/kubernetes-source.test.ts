import { z } from 'zod';
import { checkSchema } from './check-schema.ts';
import { formatFault } from './fault.ts';
import { kubernetesSourceSchema, resolveKubernetesSource } from './kubernetes-source.ts';

const web = { type: 'kubernetes', service: 'web' } as const;

function faultsOf(document: unknown): readonly string[] {
  const result = checkSchema(kubernetesSourceSchema, document);
  return result.ok ? [] : [...result.faults].map(formatFault);
}

describe('kubernetesSourceSchema', () => {
  it.each([
    web,
    { ...web, service: '1a', namespace: 'shop', port: 8080 },
    { ...web, port: 'http' },
    { ...web, port: '8080-tcp' },
    { ...web, port: 65_535, kubeconfig: 'Prod.cluster', context: 'arn:aws:eks:eu-west-1:1:cluster/prod admin' },
  ])('accepts %j', (document) => {
    expect(faultsOf(document)).toEqual([]);
  });

  it.each([
    { type: 'kubernetes' },
    { ...web, type: 'consul' },
    { ...web, service: '' },
    { ...web, service: 'web.shop' },
    { ...web, service: 'Web' },
    { ...web, service: '-web' },
    { ...web, service: 'web-' },
    { ...web, service: 'web\n' },
    { ...web, service: 'w'.repeat(64) },
    { ...web, namespace: '' },
    { ...web, namespace: 'shop/../kube-system' },
    { ...web, port: 0 },
    { ...web, port: 65_536 },
    { ...web, port: '8080' },
    { ...web, port: 'HTTP' },
    { ...web, port: null },
    { ...web, kubeconfig: 'a b' },
    { ...web, kubeconfig: 'prod', context: '' },
    { ...web, kubeconfig: 'prod', context: 'a\u001bb' },
    { ...web, context: 'admin' },
    { ...web, selector: 'app=web' },
  ])('refuses %j', (document) => {
    expect(faultsOf(document)).toHaveLength(1);
  });

  it('says what to write instead of a number in quotes, and why a context alone is refused', () => {
    expect(faultsOf({ ...web, port: '8080' })).toEqual([
      '/port: "8080" is not a port (write the name that the Service gives it ("http"), or the number that its pods listen on, without quotes)',
    ]);
    expect(faultsOf({ ...web, context: 'admin' })).toEqual([
      '/context: "admin" is of no use without a kubeconfig (add "kubeconfig", or remove it)',
    ]);
  });

  it('has a JSON Schema', () => {
    expect(() => z.toJSONSchema(kubernetesSourceSchema, { io: 'input' })).not.toThrow();
  });
});

describe('resolveKubernetesSource', () => {
  it('leaves to the access what is not written', () => {
    expect(resolveKubernetesSource(web)).toEqual({
      ...web,
      namespace: '',
      port: undefined,
      kubeconfig: '',
      context: '',
    });
  });

  it('takes what is written', () => {
    const document = { ...web, namespace: 'shop', port: 'http', kubeconfig: 'prod', context: 'admin' };
    expect(resolveKubernetesSource(document)).toEqual(document);
  });
});
