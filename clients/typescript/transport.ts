import { ApiError, ConnectionError, readApiError } from './errors.ts';

export type ClientOptions = {
  /** The address of Stagedoor's web service, such as `https://keys.example.com`. */
  url: string;
  /** An access token, from **Settings › Access tokens**. */
  token: string;
  /** How often a request is repeated, if that is safe. Default: 2. */
  maxRetries?: number;
  /** How long one attempt may take. Default: 30,000. */
  timeoutMs?: number;
  /** The wait before the first retry, which doubles for each further one. A response's `Retry-After` replaces it. Default: 500. */
  retryDelayMs?: number;
  /** Added to the header `User-Agent`, such as `my-script/1.0`. */
  userAgent?: string;
};

export type RawRequest = {
  method: string;
  /** With its query. */
  path: string;
  headers: Record<string, string>;
  body?: unknown;
  signal?: AbortSignal | undefined;
  /** Called with the headers of a successful response. */
  onHeaders?: ((headers: Headers) => void) | undefined;
};

/** Longer waits are left to the caller. */
const MAX_RETRY_AFTER_SECONDS = 60;

/**
 * Returns whether a request may be repeated after a failure.
 *
 * If a response is lost or comes from a proxy, the request may have been carried out. Repeating it is safe if it changes
 * nothing (GET), or if Stagedoor recognises it by its Idempotency-Key (POST). A PATCH would find the version that it has
 * changed itself, and a DELETE nothing. After 429, nothing was carried out.
 */
function mayRepeat(method: string, failure: ApiError | ConnectionError): boolean {
  if (!('status' in failure)) return method === 'GET' || method === 'POST';
  if (failure.status === 429) return true;
  return [502, 503, 504].includes(failure.status) && (method === 'GET' || method === 'POST');
}

/** Waits, unless the signal aborts first; it then throws the signal's reason. */
function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', abort, { once: true });
  });
}

/** Sends requests with an access token, and repeats those that are safe to repeat. */
export class Transport {
  readonly #origin: string;
  readonly #token: string;
  readonly #options: Required<Omit<ClientOptions, 'url' | 'token'>>;

  constructor({
    url,
    token,
    maxRetries = 2,
    timeoutMs = 30_000,
    retryDelayMs = 500,
    userAgent = '',
  }: ClientOptions) {
    this.#origin = new URL(url).href.replace(/\/+$/, '');
    this.#token = token;
    this.#options = {
      maxRetries,
      timeoutMs,
      retryDelayMs,
      userAgent: `stagedoor-client ${userAgent}`.trim(),
    };
  }

  /**
   * Sends a request, and returns the JSON of the response; undefined for a response without a body.
   * @throws an ApiError, a ConnectionError, or the reason of the signal
   */
  async send(request: RawRequest): Promise<unknown> {
    for (let attempt = 0; ; attempt += 1) {
      const result = await this.#sendOnce(request);
      if (result.ok) return result.body;
      const { failure } = result;
      const delay = this.#getRetryDelay(failure, attempt);
      if (attempt >= this.#options.maxRetries || !mayRepeat(request.method, failure) || delay === undefined)
        throw failure;
      await wait(delay, request.signal);
    }
  }

  /** Returns how long to wait before the next attempt; undefined if that is too long. */
  #getRetryDelay(failure: ApiError | ConnectionError, attempt: number): number | undefined {
    const seconds = 'retryAfterSeconds' in failure ? failure.retryAfterSeconds : undefined;
    if (seconds !== undefined) return seconds <= MAX_RETRY_AFTER_SECONDS ? seconds * 1_000 : undefined;
    // With jitter, so that clients that failed together do not return together.
    return this.#options.retryDelayMs * 2 ** attempt * (0.5 + Math.random() / 2);
  }

  async #sendOnce(
    request: RawRequest,
  ): Promise<{ ok: true; body: unknown } | { ok: false; failure: ApiError | ConnectionError }> {
    request.signal?.throwIfAborted();
    try {
      const response = await this.#fetch(request);
      // A redirect would repeat a POST as a GET, and could send the token elsewhere.
      if (response.status >= 300 && response.status < 400)
        return { ok: false, failure: createRedirectError(this.#origin, response) };
      if (!response.ok) return { ok: false, failure: await readApiError(response) };
      request.onHeaders?.(response.headers);
      return { ok: true, body: response.status === 204 ? undefined : await response.json() };
    } catch (cause) {
      request.signal?.throwIfAborted();
      const message = `There is no usable response from ${this.#origin}: ${describe(cause)}`;
      return { ok: false, failure: new ConnectionError(message, { cause }) };
    }
  }

  #fetch({ method, path, headers, body, signal }: RawRequest): Promise<Response> {
    const timeout = AbortSignal.timeout(this.#options.timeoutMs);
    return fetch(`${this.#origin}${path}`, {
      method,
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      headers: {
        Accept: 'application/json',
        Authorization: `Bearer ${this.#token}`,
        'User-Agent': this.#options.userAgent,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }
}

function createRedirectError(origin: string, { status, headers }: Response): ApiError {
  const title = `${origin} redirects to ${headers.get('Location')}. Use that address`;
  return new ApiError({ title, status, code: 'redirected' });
}

/** Describes why `fetch` failed. Its own message is only "fetch failed"; the reason is the cause. */
function describe(error: unknown): string {
  const { name, message, cause } = error as Error;
  if (name === 'TimeoutError') return 'it takes too long.';
  const { code, message: reason } = (cause ?? {}) as { code?: string; message?: string };
  return `${reason || code || message}.`;
}
