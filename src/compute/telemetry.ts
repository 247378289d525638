/**
 * ONNX Runtime 1.30 on Linux reports its use to its maker unless this is set in the environment of the process before its
 * library is loaded, and leaves a file in the temporary folder. A thread's `process.env` is a copy that native code does
 * not see, so this is imported wherever an engine may be loaded or a thread started.
 */
process.env.ORT_DISABLE_TELEMETRY = '1';
