import type { RecordedSink } from './recorded-sink.cases.ts';
import type { Source } from './source.ts';

/** A source with the real thing behind it, for the suite. `W` is what it delivers. */
export interface SourceStage<W> {
  readonly sink: RecordedSink<W>;
  /** Not yet started. */
  readonly source: Source;
  /** Makes the place hold servers at these addresses (`10.0.0.1`…), and nothing else; an empty list where that can be. */
  hold(addresses: readonly string[]): Promise<void>;
  /** The addresses of a delivery, in any order. */
  addressesOf(wanted: W): readonly string[];
  /** Makes the place unreachable: stops the server, or takes the files away. */
  lose(): Promise<void>;
  /** Brings it back, with what it held. */
  restore(): Promise<void>;
  /** Makes the place say nonsense until `hold` is called again. Absent where that cannot be. */
  nonsense?(): Promise<void>;
  close(): Promise<void>;
}

export interface SourceSuite<W> {
  readonly name: string;
  open(): Promise<SourceStage<W>>;
  /** Cases that this source cannot keep, each with its reason. */
  readonly skips?: Readonly<Record<string, string>>;
}

/** What every source keeps, whatever place it follows. */
export function sourceCases<W>({ name, open, skips = {} }: SourceSuite<W>): void {
  const check = (title: string, body: (stage: SourceStage<W>) => Promise<void>): void => {
    const reason = skips[title];
    const run = async (): Promise<void> => {
      const stage = await open();
      try {
        await body(stage);
      } finally {
        await stage.source.close();
        await stage.close();
      }
    };
    if (reason === undefined) it(title, run, 60_000);
    else it.skip(`${title} (${reason})`, run);
  };

  describe(`${name} as a source`, () => {
    check('delivers what is there', async (stage) => {
      await stage.hold(['10.0.0.1', '10.0.0.2']);
      stage.source.start();
      await follows(stage, ['10.0.0.1', '10.0.0.2']);
    });

    check('delivers every change whole', async (stage) => {
      await stage.hold(['10.0.0.1']);
      stage.source.start();
      await follows(stage, ['10.0.0.1']);
      for (const addresses of [['10.0.0.1', '10.0.0.2', '10.0.0.3'], ['10.0.0.3']]) {
        await stage.hold(addresses);
        await follows(stage, addresses);
      }
    });

    check('delivers an empty set when the last server leaves', async (stage) => {
      await stage.hold(['10.0.0.1']);
      stage.source.start();
      await follows(stage, ['10.0.0.1']);
      await stage.hold([]);
      await follows(stage, []);
    });

    check('fails while the place cannot be reached, takes nothing back, and recovers by itself', async (stage) => {
      await stage.hold(['10.0.0.1', '10.0.0.2']);
      stage.source.start();
      await follows(stage, ['10.0.0.1', '10.0.0.2']);
      await stage.lose();
      await stage.sink.nextFailure();
      const deliveries = stage.sink.deliveries.length;
      await stage.sink.nextFailure();
      expect(stage.sink.deliveries).toHaveLength(deliveries);
      expect(sorted(stage.addressesOf(stage.sink.newest!))).toEqual(['10.0.0.1', '10.0.0.2']);
      await stage.restore();
      await stage.hold(['10.0.0.2', '10.0.0.9']);
      await follows(stage, ['10.0.0.2', '10.0.0.9']);
    });

    check('fails when the place cannot be reached at the start, and is there when it can', async (stage) => {
      await stage.hold(['10.0.0.4']);
      await stage.lose();
      stage.source.start();
      await stage.sink.nextFailure();
      expect(stage.sink.deliveries).toEqual([]);
      await stage.restore();
      await stage.hold(['10.0.0.4']);
      await follows(stage, ['10.0.0.4']);
    });

    check('fails at nonsense, and takes nothing back', async (stage) => {
      await stage.hold(['10.0.0.1']);
      stage.source.start();
      await follows(stage, ['10.0.0.1']);
      if (stage.nonsense === undefined) throw new Error('the stage cannot say nonsense: list the skip');
      // A source that is told of changes fails while the nonsense is still being said, and only once.
      const failure = stage.sink.nextFailure();
      await stage.nonsense();
      await failure;
      expect(sorted(stage.addressesOf(stage.sink.newest!))).toEqual(['10.0.0.1']);
      await stage.hold(['10.0.0.5']);
      await follows(stage, ['10.0.0.5']);
    });

    check('says nothing more once it is closed, and closes while the place cannot be reached', async (stage) => {
      await stage.hold(['10.0.0.1']);
      stage.source.start();
      await follows(stage, ['10.0.0.1']);
      await stage.lose();
      await stage.sink.nextFailure();
      await stage.source.close();
      const said = [stage.sink.deliveries.length, stage.sink.failures.length];
      await stage.restore();
      await stage.hold(['10.0.0.7']);
      expect([stage.sink.deliveries.length, stage.sink.failures.length]).toEqual(said);
    });
  });
}

async function follows<W>({ sink, addressesOf }: SourceStage<W>, addresses: readonly string[]): Promise<void> {
  const wanted = JSON.stringify(sorted(addresses));
  await sink.until(`the newest delivery is ${wanted}`, ({ newest }) => {
    return newest !== undefined && JSON.stringify(sorted(addressesOf(newest))) === wanted;
  });
}

function sorted(addresses: readonly string[]): readonly string[] {
  return [...addresses].sort();
}
