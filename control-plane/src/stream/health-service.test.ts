import { Client, credentials, status, type ServiceError } from '@grpc/grpc-js';
import { service } from 'grpc-health-check';
import { StreamStage } from './stream-stage.cases.ts';

interface Answer {
  readonly status: string;
}

describe('the health service of the gRPC port', () => {
  let stage: StreamStage;
  let client: Client;
  beforeEach(async () => {
    stage = await StreamStage.open({ joinTokens: { authenticate: () => undefined } });
    client = new Client(`127.0.0.1:${stage.port}`, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
    });
  });
  afterEach(async () => {
    client.close();
    await stage.close();
  });

  function check(name: string): Promise<Answer> {
    const { path, requestSerialize, responseDeserialize } = service['Check']!;
    return new Promise((resolve, reject) => {
      const deserialize = responseDeserialize as (bytes: Buffer) => Answer;
      client.makeUnaryRequest(path, requestSerialize, deserialize, { service: name }, (error, answer) =>
        error === null ? resolve(answer!) : reject(error),
      );
    });
  }

  it.each(['', 'headgate.v1.ControlPlaneService'])('says without a join token that %p is served', async (name) => {
    expect(await check(name)).toEqual({ status: 'SERVING' });
  });

  it('knows no other service', async () => {
    await expect(check('headgate.v1.Other')).rejects.toMatchObject({ code: status.NOT_FOUND });
  });

  it('keeps no stream open for those who watch', async () => {
    const { path, requestSerialize, responseDeserialize } = service['Watch']!;
    const stream = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, { service: '' });
    const error = await new Promise<ServiceError>((resolve) => stream.on('error', resolve));
    expect(error.code).toBe(status.UNIMPLEMENTED);
  });
});
