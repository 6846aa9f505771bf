import type { ExplainQuestion } from '@headgate/shared/model/explain-question';

/** What came of a question to a data plane. */
export type DataPlaneAnswer =
  /** JSON text, as the data plane has made it. */
  | { readonly kind: 'answer'; readonly text: string }
  /** It says why it cannot answer. */
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'late' }
  /** Its stream has ended meanwhile, or there is none. */
  | { readonly kind: 'gone' }
  /** It has as many questions as it may have at once. */
  | { readonly kind: 'busy' }
  /** It said at its hello that it knows no such questions, or said nothing of them. */
  | { readonly kind: 'unsupported' };

/** The way to one connected data plane. */
export interface QuestionedDataPlane {
  explain(question: ExplainQuestion): Promise<DataPlaneAnswer>;
}

/** Who can be asked: streams put themselves in when they begin. */
export class FleetQuestions {
  readonly #connected = new Map<string, QuestionedDataPlane>();

  /** Ids of data planes that are connected, in order. */
  get ids(): readonly string[] {
    return [...this.#connected.keys()].sort();
  }

  connected(id: string, dataPlane: QuestionedDataPlane): void {
    this.#connected.set(id, dataPlane);
  }

  /** Another stream of the same id may have taken its place. */
  disconnected(id: string, dataPlane: QuestionedDataPlane): void {
    if (this.#connected.get(id) === dataPlane) this.#connected.delete(id);
  }

  /** How a data plane would serve a request. */
  explain(id: string, question: ExplainQuestion): Promise<DataPlaneAnswer> {
    return this.#connected.get(id)?.explain(question) ?? Promise.resolve({ kind: 'gone' });
  }
}
