import { UserError } from '../base/errors.js';
import type { MlflowRun } from './mlflow-run.js';

/** What a server takes in one request. */
const most = { metrics: 1000, params: 100, tags: 100 };

/**
 * Sends runs to a server of MLflow by its REST API 2.0. One that is there already, by its tag byzsim.run, is left as it is.
 *
 * @param url of the server, http://127.0.0.1:5000; a token is taken from MLFLOW_TRACKING_TOKEN, as MLflow does
 * @returns how many were sent
 * @throws UserError where the server does not answer, or refuses
 */
export async function sendToMlflow(url: string, runs: readonly MlflowRun[]): Promise<number> {
  const server = new Server(url.replace(/\/+$/, ''));
  const experiments = new Map<string, string>();
  let sent = 0;
  for (const run of runs) {
    const id = experiments.get(run.experiment) ?? (await server.experiment(run.experiment));
    experiments.set(run.experiment, id);
    if (await server.has(id, run)) continue;
    await server.send(id, run);
    sent++;
  }
  return sent;
}

class Server {
  constructor(private readonly url: string) {}

  /** The id of an experiment, which is made if it is not there. */
  async experiment(name: string): Promise<string> {
    const query = `experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`;
    const found = await this.ask<{ experiment: { experiment_id: string } }>('GET', query, undefined, true);
    if (found) return found.experiment.experiment_id;
    return (await this.post<{ experiment_id: string }>('experiments/create', { name })).experiment_id;
  }

  async has(experiment: string, { tags }: MlflowRun): Promise<boolean> {
    const { runs = [] } = await this.post<{ runs?: unknown[] }>('runs/search', {
      experiment_ids: [experiment],
      filter: `tags.\`byzsim.run\` = '${tags['byzsim.run']}'`,
      max_results: 1,
    });
    return runs.length > 0;
  }

  /** The tag that says which run it is comes last, so that one that was sent in part is sent again. */
  async send(
    experiment: string,
    { name, start, end, status, metrics, parameters, tags }: MlflowRun,
  ): Promise<void> {
    const made = await this.post<{ run: { info: { run_id: string } } }>('runs/create', {
      experiment_id: experiment,
      run_name: name,
      start_time: start,
    });
    const { run_id } = made.run.info;
    const points = [...metrics].flatMap(([key, own]) =>
      own.filter(({ value }) => Number.isFinite(value)).map((point) => ({ key, ...point })),
    );
    for (const part of parts(points, most.metrics))
      await this.post('runs/log-batch', { run_id, metrics: part });
    for (const part of parts(pairs(parameters), most.params))
      await this.post('runs/log-batch', { run_id, params: part });
    await this.post('runs/update', { run_id, status, end_time: end });
    for (const part of parts(pairs(tags), most.tags))
      await this.post('runs/log-batch', { run_id, tags: part });
  }

  private post<T>(call: string, body: object): Promise<T> {
    return this.ask<T>('POST', call, body) as Promise<T>;
  }

  /** @param mayLack whether nothing is an answer */
  private async ask<T>(method: string, call: string, body?: object, mayLack = false): Promise<T | undefined> {
    const token = process.env.MLFLOW_TRACKING_TOKEN;
    let response: Response;
    try {
      response = await fetch(`${this.url}/api/2.0/mlflow/${call}`, {
        method,
        headers: {
          'content-type': 'application/json',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        body: body && JSON.stringify(body),
        signal: AbortSignal.timeout(60_000),
      });
    } catch (error) {
      const { cause, message } = error as Error & { cause?: Error };
      throw new UserError(`no answer from ${this.url}: ${cause?.message ?? message}`);
    }
    const text = await response.text();
    if (mayLack && response.status === 404 && text.includes('RESOURCE_DOES_NOT_EXIST')) return undefined;
    if (!response.ok)
      throw new UserError(
        `${this.url} refuses ${call.split('?')[0]}: ${response.status} ${text.slice(0, 200)}`,
      );
    return JSON.parse(text) as T;
  }
}

function pairs(values: Readonly<Record<string, string>>): { key: string; value: string }[] {
  return Object.entries(values).map(([key, value]) => ({ key, value }));
}

function parts<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, k) =>
    items.slice(k * size, (k + 1) * size),
  );
}
