import { isMainThread } from 'node:worker_threads';

const variable = 'ORT_DISABLE_TELEMETRY';

/**
 * Keeps ONNX Runtime from reporting what it runs to its maker, and from leaving files in the temporary folder, both of
 * which it does on Linux by default. Native code reads the variable from the process, not from a thread's copy of the
 * environment, so this comes before ONNX Runtime is loaded and before a thread starts that will load it. Whatever the
 * user has set, nothing is reported.
 *
 * @throws Error in a thread that was started without it, which cannot change the environment of its process
 */
export function turnTelemetryOff(): void {
  if (process.env[variable] === '1') return;
  if (!isMainThread)
    throw new Error(
      `ONNX Runtime would report to its maker from this thread: set ${variable}=1 in the main thread before it starts`,
    );
  process.env[variable] = '1';
}
