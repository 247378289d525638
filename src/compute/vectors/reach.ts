/** Bytes of a page of WebAssembly memory. */
export const page = 65536;
/** Of wasm32. The last page stays unused, so that no address is 2^32. */
export const mostPages = 65535;

/** Bytes that the vectors of one memory may take at once. */
export const reach = mostPages * page;
