import { Session } from 'node:inspector';
import { fileURLToPath } from 'node:url';

const key = Symbol.for('byzsim.function');

type Written = (...given: never[]) => unknown;

const known = new WeakMap<Written, string | undefined>();

/** Where a function was written: "/home/ada/rule.js:12:7". Costs much, once a function: for errors. */
export function placeOf(written: Written): string | undefined {
  if (!known.has(written)) known.set(written, lookUp(written));
  return known.get(written);
}

function lookUp(written: Written): string | undefined {
  const session = new Session();
  const urls = new Map<string, string>();
  session.connect();
  session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url));
  const around = globalThis as { [key]?: unknown };
  let place: string | undefined;
  try {
    around[key] = written;
    session.post('Debugger.enable');
    session.post(
      'Runtime.evaluate',
      { expression: `globalThis[Symbol.for('byzsim.function')]` },
      (_, found) => {
        const { objectId } = (found as { result?: { objectId?: string } } | undefined)?.result ?? {};
        if (objectId === undefined) return;
        session.post('Runtime.getProperties', { objectId }, (_, properties) => {
          const { value } =
            properties?.internalProperties?.find(({ name }) => name === '[[FunctionLocation]]') ?? {};
          const at = value?.value as
            { scriptId: string; lineNumber: number; columnNumber: number } | undefined;
          const url = at && urls.get(at.scriptId);
          if (url?.startsWith('file:'))
            place = `${fileURLToPath(url)}:${at!.lineNumber + 1}:${at!.columnNumber + 1}`;
        });
      },
    );
  } finally {
    delete around[key];
    session.disconnect();
  }
  return place;
}
