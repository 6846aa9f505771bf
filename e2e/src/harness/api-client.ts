/** An answer of the API, its body read. */
export interface ApiAnswer<T = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** What every write answers. */
export interface WriteAnswer {
  readonly revision: number;
  readonly version: number;
  readonly epoch: string;
  readonly changed: boolean;
}

/** Speaks to a control plane's API with a token. */
export class ApiClient {
  readonly #baseUrl: string;
  readonly #token: string;

  constructor(baseUrl: string, token: string) {
    this.#baseUrl = baseUrl;
    this.#token = token;
  }

  async request<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<ApiAnswer<T>> {
    const answer = await fetch(this.#baseUrl + path, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const parsed = /json/.test(answer.headers.get('content-type') ?? '') ? (JSON.parse(text) as T) : (text as T);
    return { status: answer.status, headers: answer.headers, body: parsed };
  }

  /** Writes and insists that it was accepted. */
  async write(method: string, path: string, body?: unknown): Promise<WriteAnswer> {
    const answer = await this.request<WriteAnswer>(method, path, body);
    if (answer.status !== 200 && answer.status !== 201) {
      throw new Error(`${method} ${path} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    }
    return answer.body;
  }

  /** Waits until every data plane serves the version, and insists on it. */
  async converge(version: number, wait = '20s'): Promise<void> {
    const answer = await this.request<{ converged: boolean }>(
      'GET',
      `/api/v1/versions/${version}/convergence?wait=${wait}&ignore=gone`,
    );
    if (answer.status !== 200 || !answer.body.converged) {
      throw new Error(`version ${version} has not converged: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
  }
}
