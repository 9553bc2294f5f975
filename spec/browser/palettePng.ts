import { deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
const MAX_COLOURS = 256;

/** The same picture with 256 colours, which is enough for a page, and a third of the size. */
export function palettePng(png: Buffer): Buffer {
  const { width, height, pixels } = decoded(png);
  const indexOf = indexFor(pixels);
  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      rows[y * (width + 1) + 1 + x] = indexOf.get(pixels[y * width + x] ?? 0)?.index ?? 0;
  const palette = Buffer.alloc(3 * MAX_COLOURS);
  for (const { index, colour } of indexOf.values()) palette.writeUIntBE(colour, 3 * index, 3);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits for each pixel, an index into the palette.
  header.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', palette),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

export function sizeOfPng(png: Buffer): { width: number; height: number } {
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20) };
}

/**
 * Each colour with the index of the nearest in a palette of the most frequent ones. That has one of every hue first, or it
 * would have only shades of the ink of the text.
 */
function indexFor(pixels: Uint32Array): Map<number, { index: number; colour: number }> {
  const counts = new Map<number, number>();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  const byCount = [...counts].sort(([, one], [, other]) => other - one).map(([colour]) => colour);
  const hues = new Map(byCount.toReversed().map((colour) => [colour & 0xe0e0e0, colour]));
  const chosen = new Set([...hues.values(), ...byCount]);
  const palette = [...chosen].slice(0, MAX_COLOURS).map((colour, index) => ({ index, colour }));
  return new Map(
    byCount.map((colour) => [
      colour,
      palette.reduce((best, each) =>
        distance(each.colour, colour) < distance(best.colour, colour) ? each : best,
      ),
    ]),
  );
}

function distance(one: number, other: number): number {
  return [16, 8, 0].reduce((sum, shift) => sum + (((one >> shift) & 255) - ((other >> shift) & 255)) ** 2, 0);
}

/** The colours of a PNG without interlace, with eight bits for red, green, blue, and perhaps opacity. */
function decoded(png: Buffer): { width: number; height: number; pixels: Uint32Array } {
  const { width, height } = sizeOfPng(png);
  const depth = png[25] === 6 ? 4 : 3;
  const data: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at))
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      data.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  const raw = inflateSync(Buffer.concat(data));
  const stride = width * depth;
  const pixels = new Uint32Array(width * height);
  let above = new Uint8Array(stride);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)] ?? 0;
    const line = new Uint8Array(raw.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1)));
    for (let i = 0; i < stride; i++) {
      const [a = 0, b = 0, c = 0] = [line[i - depth], above[i], i < depth ? 0 : above[i - depth]];
      const predicted = [0, a, b, (a + b) >> 1, paeth(a, b, c)][filter] ?? 0;
      line[i] = (line[i] ?? 0) + predicted;
    }
    for (let x = 0; x < width; x++) {
      const [red = 0, green = 0, blue = 0] = line.subarray(x * depth, x * depth + 3);
      pixels[y * width + x] = (red << 16) | (green << 8) | blue;
    }
    above = line;
  }
  return { width, height, pixels };
}

function paeth(a: number, b: number, c: number): number {
  const [left, up, corner] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
  if (left <= up && left <= corner) return a;
  return up <= corner ? b : c;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crcOf(body), body.length + 4);
  return framed;
}

/** CRC-32, which zlib of Node 20 does not export. */
function crcOf(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}
