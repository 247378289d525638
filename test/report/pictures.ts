import { inflateSync } from 'node:zlib';

export interface Picture {
  width: number;
  height: number;
  /** 0xrrggbb, row by row. */
  pixels: Uint32Array;
}

/** Decodes a binary PPM with 8 bits a channel. */
export function decodePpm(file: Buffer): Picture {
  const [header, width, height] = /^P6\s(\d+)\s(\d+)\s255\s/.exec(file.toString('latin1', 0, 40))!;
  const size = Number(width) * Number(height);
  const pixels = Uint32Array.from({ length: size }, (_, k) => file.readUIntBE(header.length + 3 * k, 3));
  return { width: Number(width), height: Number(height), pixels };
}

/** Decodes a PNG of 8-bit RGB or RGBA without interlacing, as resvg and Chromium write. Alpha is dropped. */
export function decodePng(file: Buffer): Picture {
  const width = file.readUInt32BE(16);
  const height = file.readUInt32BE(20);
  const channels = { 2: 3, 6: 4 }[file[25]];
  if (file[24] !== 8 || channels === undefined || file[28] !== 0) throw new Error('not 8-bit RGB or RGBA');
  const parts: Buffer[] = [];
  for (let at = 8; at < file.length;) {
    const length = file.readUInt32BE(at);
    if (file.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(file.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const data = inflateSync(Buffer.concat(parts));
  const stride = channels * width;
  const bytes = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = data[y * (stride + 1)];
    for (let x = 0; x < stride; x++) {
      const left = x >= channels ? bytes[y * stride + x - channels] : 0;
      const up = y > 0 ? bytes[(y - 1) * stride + x] : 0;
      const corner = x >= channels && y > 0 ? bytes[(y - 1) * stride + x - channels] : 0;
      const predicted = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
      bytes[y * stride + x] = data[y * (stride + 1) + 1 + x] + predicted;
    }
  }
  const pixels = Uint32Array.from({ length: width * height }, (_, k) => {
    const [red, green, blue] = bytes.subarray(channels * k);
    return (red << 16) | (green << 8) | blue;
  });
  return { width, height, pixels };
}

function paeth(a: number, b: number, c: number): number {
  const distances = [a, b, c].map((value) => Math.abs(a + b - c - value));
  return [a, b, c][distances.indexOf(Math.min(...distances))];
}
