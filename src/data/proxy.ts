import type { Dispatcher } from 'undici';
import { UserError } from '../base/errors.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** The proxies that an environment names, by the variable that does; and the hosts that are reached without. */
interface Proxies {
  http?: { name: string; url: URL };
  https?: { name: string; url: URL };
  except: string;
}

/**
 * What takes requests through the proxies of HTTPS_PROXY and HTTP_PROXY, except to the hosts of NO_PROXY; lower case
 * counts before upper case, and HTTP_PROXY serves https too where there is no other. Nothing where none is named.
 *
 * @throws UserError for a proxy that is no http or https URL
 */
export async function proxyAgent(environment: Environment = process.env): Promise<Dispatcher | undefined> {
  const { http, https, except } = readProxies(environment);
  if (!http && !https) return undefined;
  const { EnvHttpProxyAgent } = await import('undici');
  try {
    return new EnvHttpProxyAgent({
      httpProxy: http?.url.href ?? '',
      httpsProxy: https?.url.href ?? '',
      noProxy: except,
      proxyTunnel: false, // as proxies expect plain http: the whole address in the first line
    });
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw new UserError(
      'invalid proxy: a % in its user or password is not followed by two digits (write %25)',
    );
  }
}

/** "HTTPS_PROXY=http://proxy:3128, NO_PROXY=localhost": what bears on requests to a URL, without passwords. */
export function describeProxy(url: string, environment: Environment = process.env): string | undefined {
  const { http, https, except } = readProxies(environment);
  const proxy = url.startsWith('https:') ? (https ?? http) : http;
  if (!proxy) return undefined;
  return [`${proxy.name}=${plain(proxy.url)}`, ...(except ? [`NO_PROXY=${except}`] : [])].join(', ');
}

function readProxies(environment: Environment): Proxies {
  return {
    http: readProxy('HTTP_PROXY', environment),
    https: readProxy('HTTPS_PROXY', environment),
    except: environment.no_proxy ?? environment.NO_PROXY ?? '',
  };
}

function readProxy(upper: string, environment: Environment): { name: string; url: URL } | undefined {
  const lower = upper.toLowerCase();
  const name = environment[lower] === undefined ? upper : lower;
  const text = environment[name]?.trim();
  if (!text) return undefined;
  const address = text.includes('://') ? text : `http://${text}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url && ['http:', 'https:'].includes(url.protocol) && url.hostname) return { name, url };
  throw new UserError(
    `invalid ${name}: ${url ? plain(url) : text.replace(/^.*@/s, '')} (expected a proxy such as http://HOST:3128)`,
  );
}

/** Without user and password. */
function plain({ protocol, host }: URL): string {
  return `${protocol}//${host}`;
}
