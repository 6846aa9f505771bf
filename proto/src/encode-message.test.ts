import { encodeMessage, type WritableMessage } from './encode-message.ts';
import { Server } from './generated/headgate/v1/control_plane.ts';

const server = {
  backend: 'web',
  address: '10.0.0.1',
  port: 80,
  weight: 1,
  priority: 0,
  zone: '',
  labels: [{ name: 'a', value: 'b' }],
  state: 'active',
};

describe('encodeMessage', () => {
  it('gives the bytes that a writer of the message alone gives, however long the one before was', () => {
    const expected = Server.encode(server).finish();
    const long = { ...server, zone: 'z'.repeat(10_000) };
    expect(encodeMessage(Server, server)).toEqual(expected);
    expect(encodeMessage(Server, long)).toEqual(Server.encode(long).finish());
    expect(encodeMessage(Server, server)).toEqual(expected);
  });

  it('gives bytes that later messages leave alone', () => {
    const first = encodeMessage(Server, server);
    const before = first.slice();
    encodeMessage(Server, { ...server, backend: 'other' });
    expect(first).toEqual(before);
  });

  it('leaves nothing of a message that could not be written in the next one', () => {
    const broken: WritableMessage<typeof server> = {
      encode(message, writer) {
        Server.encode(message, writer.uint32(10).fork());
        throw new TypeError('broken');
      },
    };
    expect(() => encodeMessage(broken, server)).toThrow('broken');
    expect(encodeMessage(Server, server)).toEqual(Server.encode(server).finish());
  });
});
